// The placements of one document while it is being prepared: the list, the selected one, undo, and keeping it in this tab
// so that going back and forth loses nothing.
import type { Appearance } from '@guiqian/shared/api'
import type { PageSize } from '@guiqian/shared/pdf/geometry.ts'
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { restored, type Placements } from './placements'

const UNDO_STEPS = 50

export interface PlacementState {
  list: Readonly<ShallowRef<Placements>>
  selected: Ref<number | undefined>
  canUndo: ComputedRef<boolean>
  /** Replaces the list; `quiet` joins the change to the one before (dragging, typing) instead of making an undo step. */
  change(next: Placements, quiet?: boolean): void
  undo(): void
  /** Begins with what was kept in this tab. */
  restore(pages: readonly PageSize[], appearances: readonly Appearance[]): void
  /** All placed seals are in the document now. */
  forget(): void
}

export function usePlacements(documentId: string): PlacementState {
  const list = shallowRef<Placements>([])
  const selected = ref<number>()
  const past = shallowRef<readonly Placements[]>([])
  const store = `guiqian.placements.${documentId}`

  function change(next: Placements, quiet = false): void {
    if (next === list.value) return
    if (!quiet) past.value = [...past.value.slice(1 - UNDO_STEPS), list.value]
    set(next)
  }

  function set(next: Placements): void {
    list.value = next
    if (!next.some((p) => p.key === selected.value)) selected.value = undefined
    try {
      if (next.length) sessionStorage.setItem(store, JSON.stringify(next))
      else sessionStorage.removeItem(store)
    } catch {
      // Storage is a comfort; without it the list lives as long as the page.
    }
  }

  return {
    list,
    selected,
    canUndo: computed(() => past.value.length > 0),
    change,
    undo() {
      const before = past.value.at(-1)
      if (!before) return
      past.value = past.value.slice(0, -1)
      set(before)
    },
    restore(pages, appearances) {
      try {
        const kept: unknown = JSON.parse(sessionStorage.getItem(store) ?? 'null')
        set(restored(kept, pages, appearances))
      } catch {
        set([])
      }
    },
    forget() {
      past.value = []
      set([])
    },
  }
}
