/** The certificate password: six digits, entered on our own pad. */
export const PIN_LENGTH = 6

export type PinWeakness = 'format' | 'repeated' | 'sequence' | 'pattern' | 'popular'

const POPULAR = new Set([
  '112233',
  '123123',
  '520520',
  '521521',
  '147258',
  '159357',
  '789456',
  '456789',
  '110110',
  '168168',
  '666888',
  '888666',
])

/**
 * Why a PIN may not be set, or `undefined`. The device module has the last word; this says it while the second half
 * is not typed yet, and before the module is loaded.
 */
export function pinWeakness(pin: string): PinWeakness | undefined {
  if (!/^\d{6}$/.test(pin)) return 'format'
  if (new Set(pin).size === 1) return 'repeated'
  const steps = [...pin].slice(1).map((digit, i) => (Number(digit) - Number(pin[i]) + 10) % 10)
  if (steps.every((step) => step === 1) || steps.every((step) => step === 9)) return 'sequence'
  if (new Set(pin).size === 2 && (pin.slice(0, 3) === pin.slice(3) || pin.slice(0, 2).repeat(3) === pin))
    return 'pattern'
  if (
    pin
      .slice(0, 3)
      .split('')
      .every((d) => d === pin[0]) &&
    pin
      .slice(3)
      .split('')
      .every((d) => d === pin[3])
  )
    return 'pattern'
  if (POPULAR.has(pin)) return 'popular'
  return undefined
}
