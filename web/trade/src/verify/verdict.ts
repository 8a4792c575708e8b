// From the report about each signature to one answer about the file, in the order in which a reader needs to be warned.
import type { SignatureReport, VerificationReport } from '@guiqian/shared/api'

export type FileVerdict =
  /** No signature at all. */
  | 'none'
  /** At least one signature does not hold. */
  | 'invalid'
  /** Nothing speaks against it, but somebody's certificate cannot be confirmed. */
  | 'unknown'
  /** All hold, but octets follow that nobody signed. */
  | 'extended'
  | 'valid'

export function fileVerdict({ signatures, intact }: VerificationReport): FileVerdict {
  if (signatures.length === 0) return 'none'
  if (signatures.some((s) => s.verdict === 'invalid')) return 'invalid'
  if (signatures.some((s) => s.verdict === 'unknown')) return 'unknown'
  return intact ? 'valid' : 'extended'
}

export interface Check {
  /** Key below `verify.check`. */
  text: string
  tone: 'ok' | 'warn' | 'bad'
}

/** The questions that every signature answers, each in one line. */
export function checks(signature: SignatureReport): Check[] {
  const changed = signature.reasons.includes('CHANGED_AFTER_SIGNING')
  // Nothing can be said about what could not be read.
  if (!signature.chain)
    return [{ text: 'unreadable', tone: signature.verdict === 'invalid' ? 'bad' : 'warn' }]
  return [
    signature.digest_ok && !changed ? { text: 'digest.ok', tone: 'ok' } : { text: 'digest.bad', tone: 'bad' },
    signature.signature_ok ? { text: 'signature.ok', tone: 'ok' } : { text: 'signature.bad', tone: 'bad' },
    {
      text: `chain.${signature.chain}`,
      tone: signature.chain === 'trusted' ? 'ok' : signature.chain === 'revoked' ? 'bad' : 'warn',
    },
    signature.covers_whole_document
      ? { text: 'cover.ok', tone: 'ok' }
      : signature.later_revision_exists
        ? { text: 'cover.later', tone: signature.verdict === 'valid' ? 'ok' : 'warn' }
        : { text: 'cover.bad', tone: 'bad' },
  ]
}

/** Reasons that the checks above have said already. */
const SAID = new Set([
  'DIGEST_MISMATCH',
  'SIGNATURE_WRONG',
  'CERTIFICATE_UNTRUSTED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_REVOKED',
])

export const furtherReasons = (signature: SignatureReport): string[] =>
  signature.chain ? signature.reasons.filter((r) => !SAID.has(r)) : signature.reasons
