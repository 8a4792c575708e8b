import { checkStatement } from './statement'

const KEYS = [
  'type',
  'version',
  'request',
  'account',
  'certificate',
  'serial',
  'subject',
  'issued_at',
  'expires_at',
]

/** Lets pass only what is to be signed for the end of this certificate of this account. */
export function checkRevocation(
  octets: Uint8Array<ArrayBuffer>,
  expected: { request: string; account: string; certificate: string; serial: string; subject: string },
): void {
  checkStatement(octets, KEYS, { type: 'guiqian-revocation', version: 1, ...expected })
}
