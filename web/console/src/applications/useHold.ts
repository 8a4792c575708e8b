import { ApiError, desk, type ReviewHold } from '@guiqian/shared/api'
import { onScopeDispose, ref } from 'vue'
import { decisions } from './desk'

const RENEW_MS = 120_000
/** Whoever leafs through does not take everything in hand. */
const DWELL_MS = 600

/** Takes an application in hand while it is looked at; tells whose it is when it is somebody else's. */
export function useHold(id: string) {
  const other = ref<Pick<ReviewHold, 'name' | 'expires_at'>>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let held = false
  let over = false

  async function take(takeOver = false): Promise<void> {
    clearTimeout(timer)
    try {
      const hold = await desk.hold(id, takeOver)
      held = hold.mine
      other.value = undefined
      if (over) await release()
      else timer = setTimeout(() => void take(), RENEW_MS)
    } catch (error) {
      // Somebody else's, or no longer waiting: the page shows which.
      held = false
      if (error instanceof ApiError && error.code === 'APPLICATION_HELD') {
        const { name, expires_at } = error.problem as unknown as ReviewHold
        other.value = { name: name ?? '', expires_at }
        if (!over) timer = setTimeout(() => void take(), RENEW_MS / 4)
      }
    }
  }

  async function release(): Promise<void> {
    // What waits to be sent stays in hand until it has been.
    if (held && decisions.pending.value?.id !== id) await desk.release(id).catch(() => undefined)
    held = false
  }

  function begin(hold: ReviewHold | null | undefined): void {
    clearTimeout(timer)
    other.value = hold && !hold.mine ? hold : undefined
    timer = setTimeout(() => void take(), hold && !hold.mine ? RENEW_MS / 4 : DWELL_MS)
  }

  function end(): void {
    clearTimeout(timer)
    void release()
  }

  onScopeDispose(() => {
    over = true
    end()
  })
  return { other, begin, end, takeOver: () => take(true) }
}
