// What a platform's event stream says, read with care; and a source's listening, which every site does the same way.
import type { Listener, Subscription } from '../api/events'
import type { RequestState, ScanCode } from './scanState'
import type { ScanListener } from './source'

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

/** Listens with `follow`; after every (re)connection `look` asks once, because states that passed are not sent again. */
export function listenTo(
  listener: ScanListener,
  follow: (listener: Listener) => Subscription,
  look: () => Promise<{ state: RequestState }>,
): () => void {
  const subscription = follow({
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
        .then((scan) => listener.state(scan.state))
        .catch(() => undefined)
    },
    onLost: () => listener.lost(),
  })
  return () => subscription.close()
}
