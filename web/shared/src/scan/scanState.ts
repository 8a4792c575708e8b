// What the scan dialog knows and how it may change. The dialog draws this and nothing else; it is pure so that each way
// through it can be tested without a browser or a server.

/** States of a scan request as the platform names them. */
export type RequestState =
  'waiting' | 'claimed' | 'confirmed' | 'refused' | 'expired' | 'cancelled' | 'failed'

export interface StartedScan {
  id: string
  check_number: string
  /** RFC 3339. */
  expires_at: string
}

/** One text to show as a QR code; the next one replaces it two seconds later. */
export interface ScanCode {
  code: string
  check_number: string
  expires_in?: number
}

export type Phase =
  /** The request is being made. */
  | { name: 'starting' }
  /** A code is shown (none yet: the first event is still on its way). */
  | { name: 'waiting'; code?: string; turn: number }
  /** A phone has it; its user reads and decides. */
  | { name: 'claimed' }
  /** Confirmed on the phone; the site takes the answer. */
  | { name: 'finishing' }
  | { name: 'done' }
  | { name: 'refused' }
  | { name: 'expired' }
  /** `retry` says what trying again means: take the answer again, or ask anew. */
  | { name: 'failed'; retry: 'finish' | 'start'; error?: unknown }

export interface Scan {
  phase: Phase
  request?: StartedScan
  /** Whether the event stream stands. The code on the screen is stale when it does not. */
  connected: boolean
}

export type ScanEvent =
  | { type: 'started'; request: StartedScan }
  | { type: 'startFailed'; error?: unknown }
  | { type: 'code'; code: ScanCode }
  | { type: 'state'; state: RequestState }
  | { type: 'connected' }
  | { type: 'lost' }
  | { type: 'ranOut' }
  | { type: 'finished' }
  | { type: 'finishFailed'; error?: unknown }

export const initial: Scan = { phase: { name: 'starting' }, connected: true }

/** Phases in which the platform still expects an answer, so that closing means cancelling. */
export const isOpen = (phase: Phase): boolean => phase.name === 'waiting' || phase.name === 'claimed'

/** Phases that end the request; nothing that arrives late changes them. */
const isFinal = (phase: Phase): boolean => !['starting', 'waiting', 'claimed'].includes(phase.name)

export function step(scan: Scan, event: ScanEvent): Scan {
  const { phase } = scan
  switch (event.type) {
    case 'started':
      return phase.name === 'starting'
        ? { phase: { name: 'waiting', turn: 0 }, request: event.request, connected: true }
        : scan
    case 'startFailed':
      return phase.name === 'starting'
        ? { ...scan, phase: { name: 'failed', retry: 'start', error: event.error } }
        : scan
    case 'code':
      if (phase.name !== 'waiting') return scan
      return {
        connected: true,
        request: scan.request && { ...scan.request, check_number: event.code.check_number },
        phase: { name: 'waiting', code: event.code.code, turn: phase.turn + 1 },
      }
    case 'state':
      return isFinal(phase) ? scan : { ...scan, connected: true, phase: entered(event.state, phase) }
    case 'connected':
      return { ...scan, connected: true }
    case 'lost':
      return isFinal(phase) ? scan : { ...scan, connected: false }
    case 'ranOut':
      return isFinal(phase) ? scan : { ...scan, phase: { name: 'expired' } }
    case 'finished':
      return phase.name === 'finishing' ? { ...scan, phase: { name: 'done' } } : scan
    case 'finishFailed':
      return phase.name === 'finishing'
        ? { ...scan, phase: { name: 'failed', retry: 'finish', error: event.error } }
        : scan
  }
}

function entered(state: RequestState, before: Phase): Phase {
  switch (state) {
    case 'waiting':
      return before.name === 'waiting' ? before : { name: 'waiting', turn: 0 }
    case 'claimed':
      return { name: 'claimed' }
    case 'confirmed':
      return { name: 'finishing' }
    case 'refused':
      return { name: 'refused' }
    // Cancelled from elsewhere (another tab): to the person here the code has simply ended.
    case 'expired':
    case 'cancelled':
      return { name: 'expired' }
    case 'failed':
      return { name: 'failed', retry: 'start' }
  }
}

/**
 * Seconds until the request ends, by the difference of the server's own times where both are known: the clock of an
 * office PC may be minutes off, so a nonsensical difference is replaced by `fallback`.
 */
export function secondsLeft(expiresAt: string, now: number, fallback = 120): number {
  const left = Math.round((Date.parse(expiresAt) - now) / 1000)
  return Number.isFinite(left) && left > 0 && left <= 900 ? left : fallback
}
