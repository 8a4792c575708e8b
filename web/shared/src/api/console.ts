import { body, client, octets } from './client'
import { get } from './http'
import type {
  ApplicationState,
  ConsoleApplicationPage,
  ConsoleCertificate,
  MaterialKind,
  Page,
} from './types'

const of = (id: string) => ({ params: { path: { id } } })

/** What a reviewer's desk asks of the platform. */
export const desk = {
  login: (username: string, password: string) =>
    body(client.POST('/api/console/sessions', { body: { username, password } })),
  logout: () => body(client.DELETE('/api/console/sessions/current')),
  me: async () => (await body(client.GET('/api/console/me'))).reviewer,

  applications: (query: { state?: ApplicationState; q?: string; cursor?: string }) =>
    body(client.GET('/api/console/applications', { params: { query } })) as Promise<ConsoleApplicationPage>,
  application: (id: string) => body(client.GET('/api/console/applications/{id}', of(id))),
  material: (id: string, kind: string) =>
    octets(
      client.GET('/api/console/applications/{id}/materials/{kind}', {
        params: { path: { id, kind: kind as MaterialKind } },
        parseAs: 'blob',
      }),
    ),
  approve: (id: string, version: number) =>
    body(client.POST('/api/console/applications/{id}/approval', { ...of(id), body: { version } })),
  refuse: (id: string, version: number, reason: string) =>
    body(client.POST('/api/console/applications/{id}/refusal', { ...of(id), body: { version, reason } })),

  certificates: (query: { q?: string; cursor?: string }) =>
    get<Page<ConsoleCertificate>>('/api/console/certificates', query),
  audit: (query: { cursor?: string }) => body(client.GET('/api/console/audit', { params: { query } })),
}
