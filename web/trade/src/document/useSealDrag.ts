// Dragging a seal with mouse, pen or finger: from the tray onto a page, or from one place to another. While the pointer is over
// a page the seal already lies there, snapped; elsewhere it hangs at the pointer.
import type { Appearance } from '@guiqian/shared/api'
import { keepOnPage, snap, type PageSize, type RectMm } from '@guiqian/shared/pdf/geometry.ts'
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { Placed, Placements } from './placements'

export interface Drag {
  appearance: Appearance
  /** The placed seal that is being moved; none when it comes from the tray. */
  key?: number
  /** Where the pointer is, in CSS pixels of the window, and where it holds the seal, in mm from the seal's corner. */
  x: number
  y: number
  grabX_mm: number
  grabY_mm: number
  /** CSS pixels per millimetre, to show it at its true size. */
  scale: number
  over?: { page: number; rect: RectMm; guideX?: number; guideY?: number }
}

interface Surroundings {
  view: () => HTMLElement | null
  pages: () => readonly PageSize[]
  scale: () => number
  placements: () => Placements
  drop: (drag: Drag) => void
}

/** Below this a press is a click. */
const THRESHOLD_PX = 4
const EDGE_PX = 56
const SCROLL_PX_PER_FRAME = 14

export interface SealDrag {
  drag: ShallowRef<Drag | undefined>
  fromTray(event: PointerEvent, appearance: Appearance): void
  fromPage(event: PointerEvent, appearance: Appearance, placed: Placed): void
  /** Whether the press that just ended was a drag, so that the click that follows it means nothing. */
  justDragged(): boolean
}

export function useSealDrag(around: Surroundings): SealDrag {
  const drag = shallowRef<Drag>()
  let end: (() => void) | undefined
  let dragged = false

  function begin(event: PointerEvent, make: () => Drag): void {
    if (event.button !== 0 || end) return
    const { pointerId, clientX, clientY } = event
    const start = make()
    let last = event
    let frame = 0
    dragged = false

    const follow = (): void => {
      drag.value = placed({ ...(drag.value ?? start), x: last.clientX, y: last.clientY }, last.altKey, around)
    }
    const scroll = (): void => {
      const view = around.view()
      if (view && drag.value) {
        const { top, bottom, left, right } = view.getBoundingClientRect()
        const inside = last.clientX > left && last.clientX < right
        const step = !inside ? 0 : last.clientY < top + EDGE_PX ? -1 : last.clientY > bottom - EDGE_PX ? 1 : 0
        if (step) {
          view.scrollTop += step * SCROLL_PX_PER_FRAME
          follow()
        }
      }
      frame = requestAnimationFrame(scroll)
    }
    const onMove = (move: PointerEvent): void => {
      if (move.pointerId !== pointerId) return
      last = move
      if (!dragged && Math.hypot(move.clientX - clientX, move.clientY - clientY) < THRESHOLD_PX) return
      if (!dragged) frame = requestAnimationFrame(scroll)
      dragged = true
      follow()
    }
    const onUp = (up: PointerEvent): void => {
      if (up.pointerId !== pointerId) return
      const finished = drag.value
      end?.()
      if (finished) around.drop(finished)
    }
    const onKey = (key: KeyboardEvent): void => {
      if (key.key === 'Escape') end?.()
    }
    end = () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('pointermove', onMove)
      window.removeEventListener('pointerup', onUp)
      window.removeEventListener('pointercancel', stop)
      window.removeEventListener('keydown', onKey, true)
      drag.value = undefined
      end = undefined
    }
    const stop = end
    window.addEventListener('pointermove', onMove)
    window.addEventListener('pointerup', onUp)
    window.addEventListener('pointercancel', stop)
    window.addEventListener('keydown', onKey, true)
  }

  onScopeDispose(() => end?.())

  return {
    drag,
    fromTray(event, appearance) {
      begin(event, () => ({
        appearance,
        x: event.clientX,
        y: event.clientY,
        grabX_mm: appearance.width_mm / 2,
        grabY_mm: appearance.height_mm / 2,
        scale: around.scale(),
      }))
    },
    fromPage(event, appearance, seal) {
      const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
      begin(event, () => ({
        appearance,
        key: seal.key,
        x: event.clientX,
        y: event.clientY,
        grabX_mm: (event.clientX - box.left) / around.scale(),
        grabY_mm: (event.clientY - box.top) / around.scale(),
        scale: around.scale(),
      }))
    },
    justDragged: () => dragged,
  }
}

/** Finds the page under the pointer and where on it the seal would lie. */
function placed(drag: Drag, free: boolean, around: Surroundings): Drag {
  const view = around.view()
  const frame = view?.getBoundingClientRect()
  const outside =
    !frame || drag.x < frame.left || drag.x > frame.right || drag.y < frame.top || drag.y > frame.bottom
  if (!view || outside) return { ...drag, over: undefined }
  for (const element of view.querySelectorAll<HTMLElement>('[data-page]')) {
    const box = element.getBoundingClientRect()
    if (drag.x < box.left || drag.x > box.right || drag.y < box.top || drag.y > box.bottom) continue
    const page = Number(element.dataset.page)
    const size = around.pages()[page - 1]
    if (!size) break
    const rect: RectMm = {
      x_mm: (drag.x - box.left) / drag.scale - drag.grabX_mm,
      y_mm: (drag.y - box.top) / drag.scale - drag.grabY_mm,
      width_mm: drag.appearance.width_mm,
      height_mm: drag.appearance.height_mm,
    }
    if (free) return { ...drag, over: { page, rect: keepOnPage(rect, size) } }
    const others = around.placements().filter((p) => p.page === page && p.key !== drag.key)
    const found = snap(rect, size, others)
    return { ...drag, over: { page, rect: found.rect, guideX: found.x, guideY: found.y } }
  }
  return { ...drag, over: undefined }
}
