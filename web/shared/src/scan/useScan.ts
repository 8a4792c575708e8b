// Runs one scan from asking to the end: makes the request, listens, takes the answer.
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { initial, isOpen, secondsLeft, step, type Scan, type ScanEvent } from './scanState'
import type { ScanSource } from './source'

export interface ScanRun {
  scan: ShallowRef<Scan>
  /** Seconds until the request ends. */
  left: ComputedRef<number>
  start(): Promise<void>
  retry(): Promise<void>
  /** Stops listening and tells the platform when it still waits for an answer. */
  stop(): void
}

/** How long after our own countdown we wait for the platform to say that it is over. */
const GRACE_S = 3

export function useScan(source: () => ScanSource, onDone: () => void): ScanRun {
  const scan = shallowRef<Scan>(initial)
  const seconds = ref(0)
  let turn = 0
  let endListening: (() => void) | undefined
  let clock: ReturnType<typeof setInterval> | undefined

  function apply(event: ScanEvent): void {
    const before = scan.value.phase.name
    scan.value = step(scan.value, event)
    const now = scan.value.phase
    if (!isOpen(now)) quiet()
    // Only on entering: a stream that resumes may say `confirmed` again.
    if (now.name === 'finishing' && before !== 'finishing') void finish()
  }

  function quiet(): void {
    endListening?.()
    endListening = undefined
    clearInterval(clock)
  }

  async function start(): Promise<void> {
    quiet()
    const mine = ++turn
    scan.value = initial
    const source_ = source()
    try {
      const request = await source_.start()
      if (mine !== turn) {
        void source_.cancel(request.id).catch(() => undefined)
        return
      }
      apply({ type: 'started', request })
      count(request.expires_at)
      const now = (event: ScanEvent): void => {
        if (mine === turn) apply(event)
      }
      endListening = source_.listen(request.id, {
        code: (code) => now({ type: 'code', code }),
        state: (state) => now({ type: 'state', state }),
        connected: () => now({ type: 'connected' }),
        lost: () => now({ type: 'lost' }),
      })
    } catch (cause) {
      if (mine === turn) apply({ type: 'startFailed', error: cause })
    }
  }

  function count(expiresAt: string): void {
    // Counted against the monotonic clock: a PC that corrects its time meanwhile must not end the request.
    const end = performance.now() + secondsLeft(expiresAt, Date.now()) * 1000
    const tick = (): void => {
      const left = (end - performance.now()) / 1000
      seconds.value = Math.max(0, Math.ceil(left))
      if (left < -GRACE_S) apply({ type: 'ranOut' })
    }
    tick()
    clock = setInterval(tick, 500)
  }

  async function finish(): Promise<void> {
    const mine = turn
    const id = scan.value.request?.id
    if (!id) return
    try {
      await source().finish(id)
      if (mine !== turn) return
      apply({ type: 'finished' })
      onDone()
    } catch (cause) {
      if (mine === turn) apply({ type: 'finishFailed', error: cause })
    }
  }

  async function retry(): Promise<void> {
    const { phase } = scan.value
    if (phase.name === 'failed' && phase.retry === 'finish') {
      scan.value = { ...scan.value, phase: { name: 'finishing' } }
      return finish()
    }
    return start()
  }

  function stop(): void {
    turn++
    quiet()
    const { phase, request } = scan.value
    // Cancelling is a courtesy: if it does not arrive, the request expires by itself.
    if (request && isOpen(phase))
      void source()
        .cancel(request.id)
        .catch(() => undefined)
    scan.value = initial
  }

  onScopeDispose(stop)
  return { scan, left: computed(() => seconds.value), start, retry, stop }
}
