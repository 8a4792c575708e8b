import { onBeforeUnmount, watch, type Ref } from 'vue'

const WAIT_MS = 800

/**
 * Keeps a draft: saves what changed a moment after the last change, and at once when the page is left or hidden.
 * A save that fails is tried again with the next change; `flush` tells the failure to whoever waits for it.
 */
export function useAutosave<T>(
  value: Ref<T>,
  save: (value: T) => Promise<void>,
): { flush: () => Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let dirty = false
  let running = Promise.resolve()

  function flush(): Promise<void> {
    clearTimeout(timer)
    const work = running
      .catch(() => undefined)
      .then(async () => {
        if (!dirty) return
        dirty = false
        try {
          await save(value.value)
        } catch (error) {
          dirty = true
          throw error
        }
      })
    running = work
    return work
  }

  const quietly = () => void flush().catch(() => undefined)
  const hidden = () => {
    if (document.visibilityState === 'hidden') quietly()
  }

  watch(
    value,
    () => {
      dirty = true
      clearTimeout(timer)
      timer = setTimeout(quietly, WAIT_MS)
    },
    { deep: true, flush: 'sync' },
  )
  document.addEventListener('visibilitychange', hidden)
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', hidden)
    quietly()
  })
  return { flush }
}
