import { checkStatement } from './statement'

const KEYS = ['type', 'version', 'request', 'account', 'phone', 'issued_at', 'expires_at']

/** Lets pass only what is to be signed for this change of the number, by this account, to this number. */
export function checkPhoneChange(
  octets: Uint8Array<ArrayBuffer>,
  expected: { request: string; account: string; phone: string },
): void {
  checkStatement(octets, KEYS, { type: 'guiqian-phone-change', version: 1, ...expected })
}
