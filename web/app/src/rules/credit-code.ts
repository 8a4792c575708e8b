/** Unified social credit codes (GB 32100-2015). The server checks them again. */

/** Characters in the order of their values: digits and capitals without I, O, S, V and Z. */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY'
/** Annex A: 3^i mod 31. */
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

export const CREDIT_CODE_LENGTH = 18

/** Capitals without blanks and dashes: how a code is compared and stored. */
export function tidyCreditCode(text: string): string {
  return text.replace(/[\s\u3000-]/g, '').toUpperCase()
}

/** The code in its one written form, `undefined` if its check character is wrong. */
export function parseCreditCode(text: string): string | undefined {
  const code = tidyCreditCode(text)
  if (code.length !== CREDIT_CODE_LENGTH || !/^\d{6}$/.test(code.slice(2, 8))) return undefined
  const values = [...code].map((character) => CHARACTERS.indexOf(character))
  if (values.includes(-1)) return undefined
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * (values[i] ?? 0), 0)
  return values[17] === (31 - (sum % 31)) % 31 ? code : undefined
}

/** Whether what is typed is meant as a credit code: 18 letters and digits, right or wrong. */
export function looksLikeCreditCode(text: string): boolean {
  return /^[0-9A-Z]{18}$/.test(tidyCreditCode(text))
}

/** `91 350100 M000100Y4 3` → grouped as it stands on licences, in fours from the left. */
export function groupCreditCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1 ')
}
