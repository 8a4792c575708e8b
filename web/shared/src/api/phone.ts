import { subscribe, type Listener, type Subscription } from './events'
import { get, getBytes, path, send, sendBytes } from './http'
import type {
  Application,
  Certificate,
  Device,
  Enrolment,
  Institution,
  LoginCodeSent,
  Material,
  Me,
  Message,
  MessagePage,
  Page,
  PlatformInfo,
  ScanAnswer,
  ScanRequest,
  Verification,
  VerificationStarted,
} from './types'

/** What the phone app asks of the platform. */
export const phone = {
  platform: () => get<PlatformInfo>('/api/platform'),

  sendLoginCode: (number: string) => send<LoginCodeSent>('POST', '/api/login-codes', { phone: number }),
  login: (number: string, code: string) =>
    send<Me>('POST', '/api/sessions', { phone: number, code, agreed: true }),
  logout: () => send<void>('DELETE', '/api/sessions/current'),
  me: () => get<Me>('/api/me'),

  startVerification: (name: string, idNumber: string, returnPath: string) =>
    send<VerificationStarted>('POST', '/api/identity/verifications', {
      name,
      id_number: idNumber,
      return_url_path: returnPath,
    }),
  verification: (id: string) => get<Verification>(path`/api/identity/verifications/${id}`),

  institutions: () => get<Page<Institution>>('/api/institutions'),
  devices: () => get<Page<Device>>('/api/devices'),

  applications: () => get<Page<Application>>('/api/applications'),
  application: (id: string) => get<Application>(path`/api/applications/${id}`),
  createApplication: (kind: string) => send<Application>('POST', '/api/applications', { kind }),
  updateApplication: (id: string, change: { institution_id?: string; product_id?: string }) =>
    send<Application>('PATCH', path`/api/applications/${id}`, change),
  putMaterial: (id: string, kind: string, image: Blob) =>
    sendBytes<Material>('PUT', path`/api/applications/${id}/materials/${kind}`, image, image.type),
  material: (id: string, kind: string) => getBytes(path`/api/applications/${id}/materials/${kind}`),
  deleteMaterial: (id: string, kind: string) =>
    send<void>('DELETE', path`/api/applications/${id}/materials/${kind}`),
  submitApplication: (id: string) => send<Application>('POST', path`/api/applications/${id}/submission`),
  withdrawApplication: (id: string) => send<Application>('POST', path`/api/applications/${id}/withdrawal`),
  resubmitApplication: (id: string) => send<Application>('POST', path`/api/applications/${id}/resubmission`),

  startEnrolment: (applicationId: string, deviceId: string) =>
    send<Enrolment>('POST', path`/api/applications/${applicationId}/enrolments`, { device_id: deviceId }),

  certificates: (state: 'active' | 'pending' | 'ended') =>
    get<Page<Certificate>>('/api/certificates', { state }),
  certificate: (id: string) => get<Certificate>(path`/api/certificates/${id}`),

  claimScan: (code: string) => send<ScanRequest>('POST', '/api/scan-claims', { code }),
  scanRequest: (id: string) => get<ScanRequest>(path`/api/scan-requests/${id}`),
  scanDocument: async (id: string): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await (await getBytes(path`/api/scan-requests/${id}/document`)).arrayBuffer()),
  answerScan: (id: string, answer: ScanAnswer) =>
    send<ScanRequest>('POST', path`/api/scan-requests/${id}/answer`, answer),

  messages: (cursor?: string) => get<MessagePage>('/api/messages', { cursor }),
  readMessage: (id: string) => send<Message | undefined>('POST', path`/api/messages/${id}/read`),

  events: (listener: Listener): Subscription => subscribe('/api/events', listener),
}
