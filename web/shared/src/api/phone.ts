import { body, client, octets } from './client'
import { subscribe, type Listener, type Subscription } from './events'
import { path, upload } from './http'
import type {
  ApplicationEdit,
  KeyRecoveryKind,
  LoginCodePurpose,
  Material,
  MaterialKind,
  Message,
  MessagePage,
  NewApplication,
  OwnCodePurpose,
  PhoneChangeProof,
  RevocationCause,
  ScanAnswer,
} from './types'

const of = (id: string) => ({ params: { path: { id } } })
/** Lists name kinds as plain words; a word that is no kind is refused by the platform. */
const material = (id: string, kind: string) => ({ params: { path: { id, kind: kind as MaterialKind } } })

/** What the phone app asks of the platform. */
export const phone = {
  platform: () => body(client.GET('/api/platform')),

  sendLoginCode: (number: string, purpose: LoginCodePurpose = 'login') =>
    body(client.POST('/api/login-codes', { body: { phone: number, purpose } })),
  login: (number: string, proof: { code: string } | { password: string }) =>
    body(client.POST('/api/sessions', { body: { phone: number, ...proof, agreed: true } })),
  logout: () => body(client.DELETE('/api/sessions/current')),
  resetPassword: (number: string, code: string, password: string) =>
    body(client.POST('/api/password-resets', { body: { phone: number, code, password } })),

  sendOwnCode: (purpose: OwnCodePurpose) => body(client.POST('/api/me/codes', { body: { purpose } })),
  setPassword: (password: string, proof: { current_password?: string; code?: string }) =>
    body(client.PUT('/api/me/password', { body: { password, ...proof } })),
  sessions: () => body(client.GET('/api/me/sessions')),
  endSession: (id: string) => body(client.DELETE('/api/me/sessions/{id}', of(id))),
  endOtherSessions: () =>
    body(client.POST('/api/me/sessions/end-others', { headers: { 'content-type': 'application/json' } })),
  startPhoneChange: (number: string) =>
    body(client.POST('/api/me/phone-changes', { body: { phone: number } })),
  finishPhoneChange: (id: string, proof: PhoneChangeProof) =>
    body(client.POST('/api/me/phone-changes/{id}/completion', { ...of(id), body: proof })),
  deletionConsequences: () => body(client.GET('/api/me/deletion')),
  deleteAccount: (code: string, confirmed: boolean) =>
    body(client.DELETE('/api/me', { body: { code, confirmed } })),
  me: () => body(client.GET('/api/me')),

  startVerification: (name: string, idNumber: string, returnPath: string) =>
    body(
      client.POST('/api/identity/verifications', {
        body: { name, id_number: idNumber, return_url_path: returnPath },
      }),
    ),
  verification: (id: string) => body(client.GET('/api/identity/verifications/{id}', of(id))),

  institutions: () => body(client.GET('/api/institutions')),
  devices: () => body(client.GET('/api/devices')),
  /** Says that this login works on that device. */
  atDevice: (id: string) => body(client.POST('/api/devices/{id}/presence', json(id))),
  endDevice: (id: string, code?: string) =>
    body(client.DELETE('/api/devices/{id}', { ...of(id), body: { code, confirmed: code !== undefined } })),

  applications: () => body(client.GET('/api/applications')),
  application: (id: string) => body(client.GET('/api/applications/{id}', of(id))),
  createApplication: (wanted: NewApplication) => body(client.POST('/api/applications', { body: wanted })),
  updateApplication: (id: string, change: ApplicationEdit) =>
    body(client.PATCH('/api/applications/{id}', { ...of(id), body: change })),
  putMaterial: (
    id: string,
    kind: string,
    image: Blob,
    onProgress: (part: number) => void = () => {},
    signal?: AbortSignal,
  ) => upload<Material>(path`/api/applications/${id}/materials/${kind}`, image, onProgress, signal),
  material: (id: string, kind: string) =>
    octets(
      client.GET('/api/applications/{id}/materials/{kind}', {
        ...material(id, kind),
        parseAs: 'blob',
      }),
    ),
  deleteMaterial: (id: string, kind: string) =>
    body(client.DELETE('/api/applications/{id}/materials/{kind}', { ...material(id, kind) })),
  submitApplication: (id: string) => body(client.POST('/api/applications/{id}/submission', json(id))),
  withdrawApplication: (id: string) => body(client.POST('/api/applications/{id}/withdrawal', json(id))),
  resubmitApplication: (id: string) => body(client.POST('/api/applications/{id}/resubmission', json(id))),

  startEnrolment: (applicationId: string, deviceId: string) =>
    body(
      client.POST('/api/applications/{id}/enrolments', {
        ...of(applicationId),
        body: { device_id: deviceId },
      }),
    ),

  certificates: (state: 'active' | 'pending' | 'ended') =>
    body(client.GET('/api/certificates', { params: { query: { state } } })),
  certificate: (id: string) => body(client.GET('/api/certificates/{id}', of(id))),
  certificateHistory: (id: string) => body(client.GET('/api/certificates/{id}/history', of(id))),
  startRevocation: (id: string) => body(client.POST('/api/certificates/{id}/revocations', json(id))),
  finishRevocation: (id: string, signature: string, reason: RevocationCause) =>
    body(
      client.POST('/api/certificate-revocations/{id}/completion', { ...of(id), body: { signature, reason } }),
    ),

  startKeyRecovery: (keyId: string, kind: KeyRecoveryKind) =>
    body(client.POST('/api/key-recoveries', { body: { key_id: keyId, kind } })),
  keyRecovery: (id: string) => body(client.GET('/api/key-recoveries/{id}', of(id))),
  sendRecoveryCode: (id: string) => body(client.POST('/api/key-recoveries/{id}/codes', json(id))),
  confirmRecoveryCode: (id: string, code: string) =>
    body(client.POST('/api/key-recoveries/{id}/code', { ...of(id), body: { code } })),
  startRecoveryFace: (id: string, returnPath: string) =>
    body(client.POST('/api/key-recoveries/{id}/face', { ...of(id), body: { return_url_path: returnPath } })),

  startApplicantFace: (id: string, returnPath: string) =>
    body(client.POST('/api/applications/{id}/face', { ...of(id), body: { return_url_path: returnPath } })),

  claimScan: (code: string) => body(client.POST('/api/scan-claims', { body: { code } })),
  scanRequest: (id: string) => body(client.GET('/api/scan-requests/{id}', of(id))),
  scanDocument: async (id: string): Promise<Uint8Array<ArrayBuffer>> => {
    const file = await octets(client.GET('/api/scan-requests/{id}/document', { ...of(id), parseAs: 'blob' }))
    return new Uint8Array(await file.arrayBuffer())
  },
  answerScan: (id: string, answer: ScanAnswer) =>
    body(client.POST('/api/scan-requests/{id}/answer', { ...of(id), body: answer })),

  messages: (cursor?: string): Promise<MessagePage> =>
    body(client.GET('/api/messages', { params: { query: { cursor } } })) as Promise<MessagePage>,
  certificateUses: (id: string, cursor?: string) =>
    body(client.GET('/api/certificates/{id}/uses', { params: { path: { id }, query: { cursor } } })),
  readMessage: (id: string) =>
    body(client.POST('/api/messages/{id}/read', json(id))) as Promise<Message | undefined>,

  helpArticles: () => body(client.GET('/api/help/articles')),
  helpArticle: (slug: string) =>
    body(client.GET('/api/help/articles/{slug}', { params: { path: { slug } } })),
  askHelp: (text: string) => body(client.POST('/api/help/questions', { body: { text } })),

  feedbackList: () => body(client.GET('/api/feedback')),
  feedback: (id: string) => body(client.GET('/api/feedback/{id}', of(id))),
  sendFeedback: (feedback: { text: string; contact?: string; picture_ids: string[] }) =>
    body(client.POST('/api/feedback', { body: feedback })),
  uploadFeedbackPicture: (image: Blob) =>
    body(
      client.POST('/api/feedback-pictures', {
        headers: { 'content-type': image.type },
        body: image as never,
        bodySerializer: (picture: unknown) => picture as Blob,
      }),
    ),

  events: (listener: Listener): Subscription => subscribe('/api/events', listener),
}

/** A command without content still says that it is JSON: the platform takes no state-changing request without a type. */
function json(id: string) {
  return { ...of(id), headers: { 'content-type': 'application/json' }, body: {} as never }
}
