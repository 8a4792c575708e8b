import { get, getBytes, path, send } from './http'
import type {
  AuditEntry,
  ConsoleApplication,
  ConsoleApplicationPage,
  ConsoleCertificate,
  Page,
  Reviewer,
} from './types'

/** What a reviewer's desk asks of the platform. */
export const desk = {
  login: (username: string, password: string) =>
    send<{ reviewer: Reviewer }>('POST', '/api/console/sessions', { username, password }),
  logout: () => send<void>('DELETE', '/api/console/sessions/current'),
  me: () =>
    get<{ reviewer: Reviewer } | Reviewer>('/api/console/me').then((me) =>
      'reviewer' in me ? me.reviewer : me,
    ),

  applications: (query: { state?: string; q?: string; cursor?: string }) =>
    get<ConsoleApplicationPage>('/api/console/applications', query),
  application: (id: string) => get<ConsoleApplication>(path`/api/console/applications/${id}`),
  material: (id: string, kind: string) => getBytes(path`/api/console/applications/${id}/materials/${kind}`),
  approve: (id: string, version: number) =>
    send<ConsoleApplication>('POST', path`/api/console/applications/${id}/approval`, { version }),
  refuse: (id: string, version: number, reason: string) =>
    send<ConsoleApplication>('POST', path`/api/console/applications/${id}/refusal`, { version, reason }),

  certificates: (query: { q?: string; cursor?: string }) =>
    get<Page<ConsoleCertificate>>('/api/console/certificates', query),
  audit: (query: { cursor?: string }) => get<Page<AuditEntry>>('/api/console/audit', query),
}
