import type { CertificateUse } from '@guiqian/shared/api'

const PURPOSES = ['login', 'sign', 'certificate_request', 'certificate_revocation', 'phone_change'] as const
const SIMPLE = {
  'certificate.issue': 'issued',
  'key.generate': 'made',
  'key.recovery_begin': 'recovery_begun',
  'key.reset_release': 'reset_released',
  'key.clone_suspect': 'frozen',
} as const

/** The word for an entry, under `uses.action`. Read from what the log's digest covers and from nothing else. */
export function actionOf({ action, detail }: Pick<CertificateUse, 'action' | 'detail'>) {
  let facts: Record<string, unknown> = {}
  try {
    facts = (JSON.parse(detail) ?? {}) as Record<string, unknown>
  } catch {
    return 'other'
  }
  if (action in SIMPLE) return SIMPLE[action as keyof typeof SIMPLE]
  if ((action === 'key.sign' || action === 'key.refresh') && facts.result === 'pin_wrong') return 'pin_wrong'
  if (action === 'key.sign') return PURPOSES.find((purpose) => purpose === facts.for) ?? 'signed'
  if (action !== 'key.refresh') return 'other'
  if (facts.way === 'pin_reset') return 'pin_reset'
  return facts.way === 'unfreeze' ? 'unfrozen' : 'pin_changed'
}
