import type { Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'

/** While something lies over the page, going back closes that and keeps the page with all its input. */
export function useBackCloses(open: Ref<boolean>): void {
  onBeforeRouteLeave(() => {
    if (!open.value) return true
    open.value = false
    return false
  })
}
