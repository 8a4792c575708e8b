import type { CertificateState } from '@guiqian/shared/api'

/** What an institution can do with a certificate. */
export type CertificateAct = 'suspend' | 'resume' | 'revoke'

/** What is possible in a state; nothing once it has ended. */
export function actsIn(state: CertificateState): CertificateAct[] {
  if (state === 'active') return ['suspend', 'revoke']
  return state === 'suspended' ? ['resume', 'revoke'] : []
}
