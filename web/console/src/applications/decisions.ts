// Undo that is true: a decision waits a few seconds on this page before it is sent. Until then nobody has been told
// anything, so taking it back leaves no trace; afterwards it cannot be taken back, and the page no longer offers it.
import { ref, type Ref } from 'vue'

export interface Decision {
  id: string
  version: number
  name: string
  kind: 'approve' | 'refuse'
  reason: string
}

export interface Pending extends Decision {
  /** `performance.now()` at which it is sent. */
  until: number
  sending: boolean
}

export interface Desk {
  send(decision: Decision): Promise<void>
  done(decision: Decision): void
  failed(decision: Decision, error: unknown): void
}

export const GRACE_MS = 5_000

export function makeDecisions(desk: Desk, graceMs = GRACE_MS) {
  const pending: Ref<Pending | undefined> = ref()
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()

  /** Decides; one that still waits is sent first. */
  function decide(decision: Decision): void {
    void flush()
    pending.value = { ...decision, until: performance.now() + graceMs, sending: false }
    timer = setTimeout(() => void flush(), graceMs)
  }

  /** Takes back what has not been sent; returns it. */
  function undo(): Decision | undefined {
    const one = pending.value
    if (!one || one.sending) return undefined
    clearTimeout(timer)
    pending.value = undefined
    return one
  }

  /** Sends what waits now; resolves when everything that was sent has been answered. */
  function flush(): Promise<void> {
    clearTimeout(timer)
    const one = pending.value
    if (!one || one.sending) return running
    one.sending = true
    running = Promise.all([
      running,
      desk.send(one).then(
        () => desk.done(one),
        (error: unknown) => desk.failed(one, error),
      ),
    ]).then(() => {
      if (pending.value?.id === one.id && pending.value.sending) pending.value = undefined
    })
    return running
  }

  return { pending, decide, undo, flush }
}
