import type { Placement } from '@guiqian/shared/api'
import { keepOnPage, snap, type PageSize, type RectMm } from '@guiqian/shared/pdf/geometry.ts'
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

interface Surroundings {
  /** The element that holds the pages, each with `data-page`. */
  view: () => HTMLElement | null
  pages: () => readonly PageSize[]
  /** Places that a seal is drawn to, on their pages. */
  lines: () => readonly Placement[]
  place: (placement: Placement) => void
}

export interface Guides {
  page: number
  x?: number
  y?: number
}

const EDGE_PX = 48
const SCROLL_PX_PER_FRAME = 10

/** Moving a seal over the pages with a finger or the mouse; it snaps to lines that people align seals with. */
export function useSealDrag(around: Surroundings): {
  /** Lines to draw while the seal lies on them. */
  guides: ShallowRef<Guides | undefined>
  grab(event: PointerEvent, from: Placement): void
  /** Where a seal of this size would lie with its middle under the pointer. */
  under(event: PointerEvent | MouseEvent, size: Pick<RectMm, 'width_mm' | 'height_mm'>): Placement | undefined
} {
  const guides = shallowRef<Guides>()
  let end: (() => void) | undefined

  function at(
    x: number,
    y: number,
    size: Pick<RectMm, 'width_mm' | 'height_mm'>,
    hold: { x: number; y: number },
  ): Placement | undefined {
    for (const element of around.view()?.querySelectorAll<HTMLElement>('[data-page]') ?? []) {
      const box = element.getBoundingClientRect()
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) continue
      const number = Number(element.dataset.page)
      const page = around.pages()[number - 1]
      if (!page) return undefined
      const scale = box.width / page.width_mm
      const rect = {
        ...size,
        x_mm: (x - box.left) / scale - hold.x * size.width_mm,
        y_mm: (y - box.top) / scale - hold.y * size.height_mm,
      }
      const found = snap(
        rect,
        page,
        around.lines().filter((line) => line.page === number),
      )
      guides.value = { page: number, x: found.x, y: found.y }
      return { page: number, ...found.rect }
    }
    return undefined
  }

  function grab(event: PointerEvent, from: Placement): void {
    if (event.button !== 0 || end) return
    event.preventDefault()
    const target = event.currentTarget as HTMLElement
    target.focus({ preventScroll: true })
    const box = target.getBoundingClientRect()
    const hold = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
    const size = { width_mm: from.width_mm, height_mm: from.height_mm }
    let last = event
    const follow = () => {
      const placement = at(last.clientX, last.clientY, size, hold)
      if (placement) around.place(placement)
    }
    const scroll = () => {
      const view = around.view()
      const frame = view?.getBoundingClientRect()
      if (view && frame) {
        const step = last.clientY < frame.top + EDGE_PX ? -1 : last.clientY > frame.bottom - EDGE_PX ? 1 : 0
        const before = view.scrollTop
        view.scrollTop += step * SCROLL_PX_PER_FRAME
        if (view.scrollTop !== before) follow()
      }
      timer = requestAnimationFrame(scroll)
    }
    const move = (now: PointerEvent) => {
      if (now.pointerId !== event.pointerId) return
      last = now
      follow()
    }
    const up = (now: PointerEvent) => {
      if (now.pointerId === event.pointerId) end?.()
    }
    let timer = requestAnimationFrame(scroll)
    end = () => {
      cancelAnimationFrame(timer)
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', up)
      window.removeEventListener('pointercancel', up)
      guides.value = undefined
      end = undefined
    }
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', up)
    window.addEventListener('pointercancel', up)
  }

  onScopeDispose(() => end?.())
  return {
    guides,
    grab,
    under(event, size) {
      const found = at(event.clientX, event.clientY, size, { x: 0.5, y: 0.5 })
      guides.value = undefined
      return found
    },
  }
}

/** The seal moved by whole millimetres; it stays on its page. */
export function nudged(placement: Placement, page: PageSize, dx: number, dy: number): Placement {
  return keepOnPage({ ...placement, x_mm: placement.x_mm + dx, y_mm: placement.y_mm + dy }, page)
}
