import { subscribe, type Listener, type Subscription } from './events'
import { get, getBytes, path, send, sendBytes, sendForm } from './http'
import type {
  Appearance,
  Page,
  ScanStarted,
  SealPlacement,
  TradeDocument,
  TradeScan,
  TradeSession,
  VerificationReport,
} from './types'

/** What the trading platform's pages ask of the trading platform's own server. */
export const trade = {
  session: () => get<TradeSession>('/api/session'),
  logout: () => send<void>('DELETE', '/api/session'),

  startLoginScan: () => send<ScanStarted>('POST', '/api/login-scans'),
  completeLogin: (id: string) =>
    send<{ user: { subject: string; name: string } }>('POST', path`/api/login-scans/${id}/completion`),
  scan: (id: string) => get<TradeScan>(path`/api/scan/${id}`),
  cancelScan: (id: string) => send<void>('DELETE', path`/api/scan/${id}`),
  scanEvents: (id: string, listener: Listener): Subscription =>
    subscribe(path`/api/scan/${id}/events`, listener),

  documents: () => get<Page<TradeDocument>>('/api/documents'),
  document: (id: string) => get<TradeDocument>(path`/api/documents/${id}`),
  upload: (file: File, title: string) => {
    const form = new FormData()
    form.append('title', title)
    form.append('file', file)
    return sendForm<TradeDocument>('/api/documents', form)
  },
  deleteDocument: (id: string) => send<void>('DELETE', path`/api/documents/${id}`),
  file: async (id: string): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await (await getBytes(path`/api/documents/${id}/file`)).arrayBuffer()),
  fileUrl: (id: string) => path`/api/documents/${id}/file?download=1`,

  appearances: () => get<Page<Appearance>>('/api/appearances'),
  startSignScan: (id: string, placements: SealPlacement[]) =>
    send<ScanStarted>('POST', path`/api/documents/${id}/sign-scans`, { placements }),
  completeSign: (id: string) => send<TradeDocument>('POST', path`/api/sign-scans/${id}/completion`),

  verify: (pdf: Blob) => sendBytes<VerificationReport>('POST', '/api/verifications', pdf, 'application/pdf'),
}
