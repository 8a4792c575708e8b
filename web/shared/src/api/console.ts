import { body, client, octets } from './client'
import { subscribe, type Listener, type Subscription } from './events'
import { get, path, withQuery } from './http'
import type {
  ApplicationKind,
  AuditQuery,
  ConsoleCertificate,
  NewFault,
  TouchedCertificate,
  InstitutionChange,
  MaterialKind,
  MaterialSetting,
  NewInstitution,
  NewProduct,
  NewStaffMember,
  Page,
  QueuePage,
  QueueQuery,
  RevocationReason,
  StaffChange,
  VerificationReport,
} from './types'

const of = (id: string) => ({ params: { path: { id } } })

/** What a reviewer's desk asks of the platform. */
export const desk = {
  login: (username: string, password: string) =>
    body(client.POST('/api/console/sessions', { body: { username, password } })),
  logout: () => body(client.DELETE('/api/console/sessions/current')),
  me: async () => (await body(client.GET('/api/console/me'))).reviewer,
  sessions: () => body(client.GET('/api/console/sessions')),
  endSession: (id: string) => body(client.DELETE('/api/console/sessions/{id}', of(id))),
  changePassword: (current: string, password: string) =>
    body(client.PUT('/api/console/me/password', { body: { current, password } })),
  unlink: () => body(client.DELETE('/api/console/me/account')),

  startLoginScan: () => body(client.POST('/api/console/scans')),
  startLinkScan: () => body(client.POST('/api/console/me/account-scans')),
  scan: (id: string) => body(client.GET('/api/console/scans/{id}', of(id))),
  scanEvents: (id: string, listener: Listener): Subscription =>
    subscribe(path`/api/console/scans/${id}/events`, listener),
  cancelScan: (id: string) => body(client.DELETE('/api/console/scans/{id}', of(id))),
  completeScan: (id: string) => body(client.POST('/api/console/scans/{id}/completion', of(id))),

  applications: (query: QueueQuery) =>
    body(client.GET('/api/console/applications', { params: { query } })) as Promise<QueuePage>,
  application: (id: string) => body(client.GET('/api/console/applications/{id}', of(id))),
  identityNumber: (id: string) => body(client.GET('/api/console/applications/{id}/identity-number', of(id))),
  material: (id: string, kind: string) =>
    octets(
      client.GET('/api/console/applications/{id}/materials/{kind}', {
        params: { path: { id, kind: kind as MaterialKind } },
        parseAs: 'blob',
      }),
    ),
  letterUrl: (id: string) => path`/api/console/applications/${id}/letter`,
  letterVerification: (id: string) =>
    get<VerificationReport>(path`/api/console/applications/${id}/letter-verification`),
  hold: (id: string, takeOver = false) =>
    body(client.PUT('/api/console/applications/{id}/hold', { ...of(id), body: { take_over: takeOver } })),
  release: (id: string) => body(client.DELETE('/api/console/applications/{id}/hold', of(id))),
  approve: (id: string, version: number) =>
    body(client.POST('/api/console/applications/{id}/approval', { ...of(id), body: { version } })),
  refuse: (id: string, version: number, reason: string) =>
    body(client.POST('/api/console/applications/{id}/refusal', { ...of(id), body: { version, reason } })),

  certificates: (query: { q?: string; cursor?: string }) =>
    get<Page<ConsoleCertificate>>('/api/console/certificates', query),
  suspendCertificate: (id: string, reason: string) =>
    body(client.POST('/api/console/certificates/{id}/suspension', { ...of(id), body: { reason } })),
  resumeCertificate: (id: string, reason: string) =>
    body(client.POST('/api/console/certificates/{id}/resumption', { ...of(id), body: { reason } })),
  revokeCertificate: (id: string, reason: string, code: RevocationReason) =>
    body(client.POST('/api/console/certificates/{id}/revocation', { ...of(id), body: { reason, code } })),
  statistics: (query: { days?: number; institution_id?: string }) =>
    body(client.GET('/api/console/statistics', { params: { query } })),

  feedback: (query: { state?: string; cursor?: string }) =>
    body(client.GET('/api/console/feedback', { params: { query } })),
  feedbackPicture: (id: string) =>
    octets(client.GET('/api/console/feedback-pictures/{id}', { ...of(id), parseAs: 'blob' })),
  replyFeedback: (id: string, text: string) =>
    body(client.POST('/api/console/feedback/{id}/replies', { ...of(id), body: { text } })),

  staff: () => body(client.GET('/api/console/reviewers')),
  createStaff: (person: NewStaffMember) => body(client.POST('/api/console/reviewers', { body: person })),
  changeStaff: (id: string, change: StaffChange) =>
    body(client.PATCH('/api/console/reviewers/{id}', { ...of(id), body: change })),
  resetStaffPassword: (id: string) => body(client.POST('/api/console/reviewers/{id}/password-reset', of(id))),
  unlinkStaff: (id: string) => body(client.DELETE('/api/console/reviewers/{id}/account', of(id))),

  institutions: () => body(client.GET('/api/console/institutions')),
  changeInstitution: (id: string, change: InstitutionChange) =>
    body(client.PATCH('/api/console/institutions/{id}', { ...of(id), body: change })),
  createInstitution: (institution: NewInstitution) =>
    body(client.POST('/api/console/institutions', { body: institution })),
  offerProduct: (id: string, product: NewProduct) =>
    body(client.POST('/api/console/institutions/{id}/products', { ...of(id), body: product })),
  withdrawProduct: (id: string, product_id: string) =>
    body(
      client.DELETE('/api/console/institutions/{id}/products/{product_id}', {
        params: { path: { id, product_id } },
      }),
    ),
  wantMaterials: (id: string, kind: ApplicationKind, items: MaterialSetting[]) =>
    body(
      client.PUT('/api/console/institutions/{id}/materials/{kind}', {
        params: { path: { id, kind } },
        body: { items },
      }),
    ),

  issuance: () => body(client.GET('/api/console/issuance')),
  haltIssuance: (reason: string, institution_id?: string) =>
    body(client.POST('/api/console/issuance/halts', { body: { reason, institution_id } })),
  resumeIssuance: (id: string, reason: string) =>
    body(client.POST('/api/console/issuance/halts/{id}/resumption', { ...of(id), body: { reason } })),

  faults: () => body(client.GET('/api/console/faults')),
  fault: (id: string) => body(client.GET('/api/console/faults/{id}', of(id))),
  openFault: (fault: NewFault) => body(client.POST('/api/console/faults', { body: fault })),
  faultCertificates: (id: string, cursor?: string) =>
    get<Page<TouchedCertificate>>(path`/api/console/faults/${id}/certificates`, { cursor }),
  faultCsvUrl: (id: string) => path`/api/console/faults/${id}/certificates.csv`,
  reissue: (id: string) => body(client.POST('/api/console/faults/{id}/reissue', of(id))),
  pauseReissue: (id: string) => body(client.POST('/api/console/faults/{id}/reissue-pause', of(id))),

  audit: (query: AuditQuery) => body(client.GET('/api/console/audit', { params: { query } })),
  auditCsvUrl: (query: AuditQuery) => withQuery('/api/console/audit.csv', query),
  verifyAudit: () => body(client.POST('/api/console/audit/verification')),
}
