import { body, client } from './client'
import { get, getBytes, path, send } from './http'
import type {
  Appearance,
  ApplicationState,
  Certificate,
  EnterpriseRef,
  EnterpriseRole,
  IdType,
  Placement,
  PlatformRef,
  ScanRequest,
} from './types'

export interface EnterpriseHit extends EnterpriseRef {
  has_admin: boolean
}

/** What a search found; `credit_code` is what was typed, if it was a credit code. */
export interface EnterpriseSearch {
  items: EnterpriseHit[]
  credit_code?: string | null
}

/** What people who may join are shown. */
export interface EnterpriseCard extends EnterpriseRef {
  legal_person_name_masked: string
  admin_name_masked?: string | null
  role?: EnterpriseRole | null
}

/** What its members are shown. */
export interface EnterpriseProfile extends EnterpriseRef {
  role: EnterpriseRole
  legal_person_name: string
  legal_person_id_type: IdType
  legal_person_id_number_masked?: string | null
  admin_name?: string | null
  admin_phone_masked?: string | null
  members: number
  certificates: number
}

/** A certificate of the enterprise, with whoever holds it. */
export interface HeldCertificate {
  account_id: string
  holder_name: string
  certificate: Certificate
}

/** An invitation, as the invited person sees it. */
export interface Invitation {
  id: string
  enterprise_id: string
  enterprise_name: string
  credit_code: string
  invited_by_masked: string
  state: 'waiting' | 'accepted' | 'declined' | 'cancelled' | 'expired'
  created_at: string
  expires_at: string
}

export interface LetterSealing {
  certificate_id: string
  appearance_id: string
  placement: Placement
}

const of = (id: string) => ({ params: { path: { id } } })

/** What the phone app asks about enterprises. */
export const enterprise = {
  search: (q: string, signal?: AbortSignal) => get<EnterpriseSearch>('/api/enterprises', { q }, signal),
  card: (id: string) => get<EnterpriseCard>(path`/api/enterprises/${id}`),
  profile: (id: string) => get<EnterpriseProfile>(path`/api/enterprises/${id}/profile`),
  appearances: (id: string) => get<{ items: Appearance[] }>(path`/api/enterprises/${id}/appearances`),
  certificates: (id: string) => get<{ items: HeldCertificate[] }>(path`/api/enterprises/${id}/certificates`),
  platforms: () => get<{ items: PlatformRef[] }>('/api/platforms'),
  applications: (id: string, state?: ApplicationState) =>
    body(client.GET('/api/enterprises/{id}/applications', { params: { path: { id }, query: { state } } })),

  invitations: () => get<{ items: Invitation[] }>('/api/invitations'),
  acceptInvitation: (id: string) => send<Invitation>('POST', path`/api/invitations/${id}/acceptance`),
  refuseInvitation: (id: string) => send<Invitation>('POST', path`/api/invitations/${id}/refusal`),

  /** 申请书, filled with what was entered. */
  form: (applicationId: string) => getBytes(path`/api/applications/${applicationId}/form`),
  /** 授权书: sealed once it is. */
  letter: async (applicationId: string): Promise<Uint8Array<ArrayBuffer>> => {
    const file = await getBytes(path`/api/applications/${applicationId}/letter`)
    return new Uint8Array(await file.arrayBuffer())
  },
  letterPlacement: (applicationId: string) =>
    get<Placement>(path`/api/applications/${applicationId}/letter-placement`),
  sealLetter: (applicationId: string, sealing: LetterSealing) =>
    send<ScanRequest>('POST', path`/api/applications/${applicationId}/letter`, sealing),
  refuseConsent: (applicationId: string, reason: string) =>
    body(client.POST('/api/applications/{id}/consent-refusal', { ...of(applicationId), body: { reason } })),
}
