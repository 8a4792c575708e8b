import { StatementError } from './statement'

const KEYS = ['type', 'version', 'request', 'account', 'phone', 'issued_at', 'expires_at']

/**
 * Reads what is to be signed for a change of the number, strictly: these keys in this order and no other octets, about
 * this change, this account and this number. Throws `StatementError` otherwise: nothing is signed that was not entered.
 */
export function checkPhoneChange(
  octets: Uint8Array<ArrayBuffer>,
  expected: { request: string; account: string; phone: string },
): void {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
    value = JSON.parse(text)
  } catch {
    throw new StatementError()
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== KEYS.join())
    throw new StatementError()
  const fields = value as Record<string, unknown>
  const same =
    fields.type === 'guiqian-phone-change' &&
    fields.version === 1 &&
    fields.request === expected.request &&
    fields.account === expected.account &&
    fields.phone === expected.phone &&
    JSON.stringify(fields) === text
  if (!same) throw new StatementError()
}
