import { keyRefusal } from '../device'
import { useTexts } from './texts'

/** What to tell when a key operation did not happen: the module's refusal, or the platform's own words. */
export function useKeyTexts() {
  const { t, te, say } = useTexts()
  function sayKey(error: unknown): string {
    const refusal = keyRefusal(error)
    if (!refusal) return say(error)
    if (refusal.code === 'PIN_WRONG') return t('pin.left', { left: refusal.left ?? 0 })
    return te(`key.${refusal.code}`) ? t(`key.${refusal.code}`) : t('key.REFUSED')
  }
  return { sayKey }
}
