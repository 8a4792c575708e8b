import type {
  Certificate,
  EnterpriseRef,
  EnterpriseRole,
  Membership,
  Permission,
  SealKind,
} from '@guiqian/shared/api'

export const PERMISSIONS: Permission[] = ['login', 'sign', 'generate', 'decrypt']
export const SEALS: SealKind[] = ['company', 'legal_person', 'legal_person_signature']

/** What a person is on this phone at the moment: 自然人, 办事人员 or 管理员. */
export type Role = 'person' | EnterpriseRole

/** Remembered in place of an enterprise by those who act for themselves alone. */
export const ONESELF = 'self'

/** The enterprise that was chosen, else the newest; `undefined` for a natural person. */
export function currentOf(
  memberships: readonly Membership[],
  remembered: string | null,
): Membership | undefined {
  if (remembered === ONESELF) return undefined
  return memberships.find((one) => one.enterprise_id === remembered) ?? memberships[0]
}

export const roleOf = (membership: Membership | undefined): Role => membership?.role ?? 'person'

/** Whether the certificate is the enterprise's; `undefined` asks for the person's own. */
export function belongsTo(
  certificate: Pick<Certificate, 'enterprise'>,
  enterprise: Pick<EnterpriseRef, 'id'> | undefined,
): boolean {
  return certificate.enterprise?.id === enterprise?.id
}

/** A name that the home's grid knows, by the route it opens. Routes that a build does not have are left out. */
export interface Service {
  key: string
  route: string
  params?: Record<string, string>
}

/** What this role may do, in the order of the manual (1.12.1, 1.13.1). */
export function servicesOf(role: Role, enterpriseId?: string): Service[] {
  const own = enterpriseId ? { id: enterpriseId } : undefined
  const common: Service[] = [
    { key: 'certificates', route: 'certificates' },
    { key: 'applications', route: 'applications' },
  ]
  const last: Service = { key: 'help', route: 'help' }
  if (role === 'admin')
    return [
      ...common,
      { key: 'authorisations', route: 'enterprise-authorisations', params: own },
      { key: 'people', route: 'enterprise-people', params: own },
      { key: 'seals', route: 'enterprise-seals', params: own },
      { key: 'enterprise', route: 'enterprise', params: own },
      last,
    ]
  if (role === 'clerk')
    return [
      ...common,
      { key: 'seals', route: 'enterprise-seals', params: own },
      { key: 'my_authorisations', route: 'my-authorisations' },
      { key: 'enterprise', route: 'enterprise', params: own },
      last,
    ]
  return [...common, { key: 'search', route: 'enterprise-search' }, { key: 'seals', route: 'seals' }, last]
}

/** What a search can be about: two characters of a name, two letters of pinyin initials, or a whole code. */
export function searchable(text: string): boolean {
  return [...text.trim()].length >= 2
}
