import { body, client, octets } from './client'
import type { ApplicationState, LetterSealing } from './types'

const of = (id: string) => ({ params: { path: { id } } })
/** A command without content still says that it is JSON. */
const empty = (id: string) => ({
  ...of(id),
  headers: { 'content-type': 'application/json' },
  body: {} as never,
})

/** What the phone app asks about enterprises. */
export const enterprise = {
  search: (q: string, signal?: AbortSignal) =>
    body(client.GET('/api/enterprises', { params: { query: { q } }, signal })),
  card: (id: string) => body(client.GET('/api/enterprises/{id}', of(id))),
  profile: (id: string) => body(client.GET('/api/enterprises/{id}/profile', of(id))),
  appearances: (id: string) => body(client.GET('/api/enterprises/{id}/appearances', of(id))),
  certificates: (id: string) => body(client.GET('/api/enterprises/{id}/certificates', of(id))),
  platforms: () => body(client.GET('/api/platforms')),
  applications: (id: string, state?: ApplicationState) =>
    body(client.GET('/api/enterprises/{id}/applications', { params: { path: { id }, query: { state } } })),

  invitations: () => body(client.GET('/api/invitations')),
  acceptInvitation: (id: string) => body(client.POST('/api/invitations/{id}/acceptance', empty(id))),
  refuseInvitation: (id: string) => body(client.POST('/api/invitations/{id}/refusal', empty(id))),

  /** 申请书, filled with what was entered. */
  form: (applicationId: string) =>
    octets(client.GET('/api/applications/{id}/form', { ...of(applicationId), parseAs: 'blob' })),
  /** 授权书: sealed once it is. */
  letter: async (applicationId: string): Promise<Uint8Array<ArrayBuffer>> => {
    const file = await octets(
      client.GET('/api/applications/{id}/letter', { ...of(applicationId), parseAs: 'blob' }),
    )
    return new Uint8Array(await file.arrayBuffer())
  },
  letterPlacement: (applicationId: string) =>
    body(client.GET('/api/applications/{id}/letter-placement', of(applicationId))),
  sealLetter: (applicationId: string, sealing: LetterSealing) =>
    body(client.POST('/api/applications/{id}/letter', { ...of(applicationId), body: sealing })),
  refuseConsent: (applicationId: string, reason: string) =>
    body(client.POST('/api/applications/{id}/consent-refusal', { ...of(applicationId), body: { reason } })),
}
