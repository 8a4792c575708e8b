import { get, path, send } from './http'
import type { Permission, PlatformRef, SealKind } from './types'

/** Somebody who belongs to an enterprise, as its administrator sees them. */
export interface Member {
  account_id: string
  name: string
  phone_masked: string
  role: 'admin' | 'clerk'
  joined_at: string
  /** Certificates of the enterprise that the person holds and may use. */
  certificates: number
}

/** An invitation that the administrator sent. */
export interface SentInvitation {
  id: string
  name: string
  phone_masked: string
  state: 'waiting' | 'accepted' | 'declined' | 'cancelled' | 'expired'
  created_at: string
  expires_at: string
}

/** What one person may do for an enterprise at one platform. */
export interface Authorisation {
  id: string
  account_id: string
  person_name: string
  /** None: at every platform. */
  platform: PlatformRef | null
  permissions: Permission[]
  seals: SealKind[]
  valid_from: string
  valid_to: string
  state: 'active' | 'future' | 'expired' | 'ended'
  ended_at?: string | null
  end_reason?: string | null
}

/** What an administrator asks about the people of an enterprise. */
export const people = {
  members: (id: string) => get<{ items: Member[] }>(path`/api/enterprises/${id}/members`),
  member: (id: string, account: string) => get<Member>(path`/api/enterprises/${id}/members/${account}`),
  remove: (id: string, account: string) =>
    send<void>('DELETE', path`/api/enterprises/${id}/members/${account}`),
  invitations: (id: string) => get<{ items: SentInvitation[] }>(path`/api/enterprises/${id}/invitations`),
  invite: (id: string, name: string, phone: string) =>
    send<SentInvitation>('POST', path`/api/enterprises/${id}/invitations`, { name, phone }),
  cancelInvitation: (id: string, invitation: string) =>
    send<void>('DELETE', path`/api/enterprises/${id}/invitations/${invitation}`),
  authorisations: (id: string) =>
    get<{ items: Authorisation[] }>(path`/api/enterprises/${id}/authorisations`),
  mine: () => get<{ items: Authorisation[] }>('/api/authorisations'),
  endAuthorisation: (id: string) => send<void>('DELETE', path`/api/authorisations/${id}`),
}
