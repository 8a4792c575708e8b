import { onBeforeUnmount, onMounted } from 'vue'

/** Keys of somebody who does this all day; typing into a field and open dialogs are left alone. */
export function useKeys(acts: Record<string, () => unknown>): void {
  function onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
    if (target.matches('input, textarea, select')) {
      if (event.key === 'Escape') target.blur()
      return
    }
    // A button that has the focus keeps its own Enter.
    if (event.key === 'Enter' && target.closest('button, a')) return
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
}
