// How this site asks for scans: through its own server, which speaks with the platform.
import { trade, type SealPlacement, type TradeDocument } from '@guiqian/shared/api'
import type { RequestState, ScanCode } from '@guiqian/shared/scan/scanState.ts'
import type { ScanListener, ScanSource } from '@guiqian/shared/scan/source.ts'

const STATES: readonly string[] = [
  'waiting',
  'claimed',
  'confirmed',
  'refused',
  'expired',
  'cancelled',
  'failed',
] satisfies RequestState[]

export function asCode(data: unknown): ScanCode | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { code, check_number, expires_in } = data as Record<string, unknown>
  if (typeof code !== 'string' || typeof check_number !== 'string') return undefined
  return { code, check_number, expires_in: typeof expires_in === 'number' ? expires_in : undefined }
}

export function asState(data: unknown): RequestState | undefined {
  const state =
    typeof data === 'object' && data !== null ? (data as Record<string, unknown>).state : undefined
  return typeof state === 'string' && STATES.includes(state) ? (state as RequestState) : undefined
}

function listen(id: string, listener: ScanListener): () => void {
  const subscription = trade.scanEvents(id, {
    events: {
      code: (data) => {
        const code = asCode(data)
        if (code) listener.code(code)
      },
      state: (data) => {
        const state = asState(data)
        if (state) listener.state(state)
      },
    },
    onOpen: () => {
      listener.connected()
      void look()
    },
    onLost: () => listener.lost(),
  })
  // A state that changed while the stream was down is not sent again: ask once after every (re)connection.
  async function look(): Promise<void> {
    const scan = await trade.scan(id).catch(() => undefined)
    if (scan) listener.state(scan.state)
  }
  return () => subscription.close()
}

export function loginSource(onUser: () => Promise<void>): ScanSource {
  return {
    start: () => trade.startLoginScan(),
    listen,
    cancel: (id) => trade.cancelScan(id),
    async finish(id) {
      await trade.completeLogin(id)
      await onUser()
    },
  }
}

export function signSource(
  documentId: string,
  placements: () => SealPlacement[],
  onSigned: (document: TradeDocument) => void,
): ScanSource {
  return {
    start: () => trade.startSignScan(documentId, placements()),
    listen,
    cancel: (id) => trade.cancelScan(id),
    async finish(id) {
      onSigned(await trade.completeSign(id))
    },
  }
}
