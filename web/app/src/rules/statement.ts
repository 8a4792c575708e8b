/** The login statement: the octets that will be signed, and what they say. */
export interface LoginStatement {
  request: string
  relyingParty: string
  name: string
  checkNumber: string
  issuedAt: string
  expiresAt: string
  octets: Uint8Array<ArrayBuffer>
}

const KEYS = [
  'type',
  'version',
  'request',
  'relying_party',
  'name',
  'check_number',
  'issued_at',
  'expires_at',
]

/**
 * Reads the statement strictly: exactly these keys in this order and no other octets, so that what is shown is all
 * that is signed. Throws `StatementError` otherwise.
 */
export function readStatement(octets: Uint8Array<ArrayBuffer>): LoginStatement {
  let value: unknown
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
    value = JSON.parse(text)
  } catch {
    throw new StatementError()
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== KEYS.join())
    throw new StatementError()
  const fields = value as Record<string, unknown>
  if (fields.type !== 'guiqian-login' || fields.version !== 1 || JSON.stringify(fields) !== text)
    throw new StatementError()
  const string = (key: string): string => {
    const field = fields[key]
    if (typeof field !== 'string') throw new StatementError()
    return field
  }
  return {
    request: string('request'),
    relyingParty: string('relying_party'),
    name: string('name'),
    checkNumber: string('check_number'),
    issuedAt: string('issued_at'),
    expiresAt: string('expires_at'),
    octets,
  }
}

/**
 * Reads what is to be signed strictly: these keys in this order and no other octets, with the values that the person
 * was shown. Throws `StatementError` otherwise: nothing is signed that was not entered.
 */
export function checkStatement(
  octets: Uint8Array<ArrayBuffer>,
  keys: readonly string[],
  expected: Record<string, string | number>,
): void {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
    value = JSON.parse(text)
  } catch {
    throw new StatementError()
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== keys.join())
    throw new StatementError()
  const fields = value as Record<string, unknown>
  const same = Object.entries(expected).every(([key, wanted]) => fields[key] === wanted)
  if (!same || JSON.stringify(fields) !== text) throw new StatementError()
}

export class StatementError extends Error {
  override readonly name = 'StatementError'
}
