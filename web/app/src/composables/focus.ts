import { nextTick, onBeforeUnmount, watch, type Ref } from 'vue'

const FOCUSABLE = 'button:not(:disabled), a[href], input:not(:disabled), select, textarea, [tabindex="0"]'

/** While `open`, the keyboard stays inside `panel`, Escape calls `close`, and afterwards focus returns to where it was. */
export function useDialogFocus(open: Ref<boolean>, panel: Ref<HTMLElement | null>, close: () => void): void {
  let before: HTMLElement | undefined

  function onKey(event: KeyboardEvent): void {
    const root = panel.value
    if (!root) return
    if (event.key === 'Escape') {
      close()
      return
    }
    if (event.key !== 'Tab') return
    const stops = [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
      (stop) => stop.offsetParent !== null,
    )
    const [first, last] = [stops[0], stops.at(-1)]
    if (!first || !last) return
    const here = document.activeElement
    const outside = !root.contains(here) || here === root
    if (event.shiftKey ? outside || here === first : outside || here === last) {
      event.preventDefault()
      ;(event.shiftKey ? last : first).focus()
    }
  }

  function leave(): void {
    document.removeEventListener('keydown', onKey)
    before?.focus({ preventScroll: true })
    before = undefined
  }

  watch(
    open,
    async (now) => {
      if (!now) return leave()
      before = document.activeElement instanceof HTMLElement ? document.activeElement : undefined
      document.addEventListener('keydown', onKey)
      await nextTick()
      panel.value?.focus({ preventScroll: true })
    },
    { immediate: true },
  )
  onBeforeUnmount(() => {
    if (open.value) leave()
  })
}
