// Where seals stand on the pages: pure changes of a list. Lengths as in the shared geometry: millimetres from the page's top-left.
import type { Appearance, SealPlacement } from '@guiqian/shared/api'
import { keepOnPage, roundMm, type PageSize, type RectMm } from '@guiqian/shared/pdf/geometry.ts'

export interface Placed extends RectMm {
  /** Ours alone, to tell two equal seals apart. */
  key: number
  /** 1-based. */
  page: number
  appearance_id: string
}

export type Placements = readonly Placed[]

export const nextKey = (list: Placements): number => list.reduce((max, p) => Math.max(max, p.key), 0) + 1

/** A seal of its true size with its middle at a point of the page. */
export function centred(appearance: Appearance, x_mm: number, y_mm: number): RectMm {
  const { width_mm, height_mm } = appearance
  return { x_mm: x_mm - width_mm / 2, y_mm: y_mm - height_mm / 2, width_mm, height_mm }
}

export function add(list: Placements, pages: readonly PageSize[], seal: Omit<Placed, 'key'>): Placements {
  const page = pages[seal.page - 1]
  return page ? [...list, keepOnPage({ ...seal, key: nextKey(list) }, page)] : list
}

/** Places a seal in the middle of a page, a little further down-right for each that stands exactly there already. */
export function addInMiddle(
  list: Placements,
  pages: readonly PageSize[],
  page: number,
  appearance: Appearance,
): Placements {
  const size = pages[page - 1]
  if (!size) return list
  let rect = keepOnPage(centred(appearance, size.width_mm / 2, size.height_mm / 2), size)
  while (list.some((p) => p.page === page && p.x_mm === rect.x_mm && p.y_mm === rect.y_mm)) {
    const moved = keepOnPage({ ...rect, x_mm: rect.x_mm + 8, y_mm: rect.y_mm + 8 }, size)
    if (moved.x_mm === rect.x_mm && moved.y_mm === rect.y_mm) break
    rect = moved
  }
  return add(list, pages, { ...rect, page, appearance_id: appearance.id })
}

export interface Move {
  page?: number
  x_mm?: number
  y_mm?: number
}

export function move(list: Placements, pages: readonly PageSize[], key: number, to: Move): Placements {
  return list.map((placed) => {
    if (placed.key !== key) return placed
    const next = { ...placed, ...to }
    const page = pages[next.page - 1]
    return page && Number.isFinite(next.x_mm) && Number.isFinite(next.y_mm) ? keepOnPage(next, page) : placed
  })
}

export function nudge(
  list: Placements,
  pages: readonly PageSize[],
  key: number,
  dx: number,
  dy: number,
): Placements {
  const placed = list.find((p) => p.key === key)
  return placed ? move(list, pages, key, { x_mm: placed.x_mm + dx, y_mm: placed.y_mm + dy }) : list
}

export const remove = (list: Placements, key: number): Placements => list.filter((p) => p.key !== key)

/** The same seal at the same place on every page that does not have it there yet. */
export function onEveryPage(list: Placements, pages: readonly PageSize[], key: number): Placements {
  const model = list.find((p) => p.key === key)
  if (!model) return list
  return pages.reduce<Placements>((all, _, index) => {
    const page = index + 1
    const there = all.some(
      (p) =>
        p.page === page &&
        p.appearance_id === model.appearance_id &&
        p.x_mm === model.x_mm &&
        p.y_mm === model.y_mm,
    )
    return there ? all : add(all, pages, { ...model, page })
  }, list)
}

/** In reading order, without our own keys. */
export function toRequest(list: Placements): SealPlacement[] {
  return list
    .toSorted((a, b) => a.page - b.page || a.y_mm - b.y_mm || a.x_mm - b.x_mm)
    .map(({ page, x_mm, y_mm, width_mm, height_mm, appearance_id }) => ({
      page,
      x_mm: roundMm(x_mm),
      y_mm: roundMm(y_mm),
      width_mm,
      height_mm,
      appearance_id,
    }))
}

/** What was kept from an earlier visit, without seals or pages that no longer exist. */
export function restored(
  kept: unknown,
  pages: readonly PageSize[],
  appearances: readonly Appearance[],
): Placements {
  if (!Array.isArray(kept)) return []
  return kept.filter(isPlaced).reduce<Placements>((list, placed) => {
    const appearance = appearances.find((a) => a.id === placed.appearance_id)
    if (!appearance) return list
    const { width_mm, height_mm } = appearance
    return add(list, pages, { ...placed, width_mm, height_mm })
  }, [])
}

function isPlaced(value: unknown): value is Placed {
  if (typeof value !== 'object' || value === null) return false
  const { page, x_mm, y_mm, appearance_id } = value as Record<string, unknown>
  return [page, x_mm, y_mm].every(Number.isFinite) && typeof appearance_id === 'string'
}
