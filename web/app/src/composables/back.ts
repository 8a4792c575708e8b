import { watch, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'

/** Where the browser stands in its history; going back moves it before the page is left, going on does not. */
const position = (): unknown => (history.state as { position?: number } | null)?.position

/** While something lies over the page, going back closes that and keeps the page with all its input. */
export function useBackCloses(open: Ref<boolean>): void {
  let opened: unknown
  watch(
    open,
    (now) => {
      if (now) opened = position()
    },
    { immediate: true },
  )
  onBeforeRouteLeave(() => {
    if (!open.value || position() === opened) return true
    open.value = false
    return false
  })
}
