// Lengths on a page. Everything the platform exchanges about places on a page is in millimetres from the top-left corner of
// the page as it is displayed (CropBox, rotation applied); a PDF itself counts in points of 1/72 inch.

export interface PageSize {
  width_mm: number
  height_mm: number
}

/** A rectangle on a page; x and y from the displayed page's top-left corner. */
export interface RectMm {
  x_mm: number
  y_mm: number
  width_mm: number
  height_mm: number
}

const MM_PER_POINT = 25.4 / 72
/** CSS defines 1in = 96px, so this is the scale at which a page has its natural size on the screen. */
export const CSS_PX_PER_MM = 96 / 25.4

export const pointsToMm = (points: number): number => points * MM_PER_POINT

/** Tenths of a millimetre are what a hand can place and what the user is shown. */
export const roundMm = (mm: number): number => Math.round(mm * 10) / 10

/** Pixels per millimetre so that a page fits `available` pixels of width, times the reader's zoom. */
export function scaleToFit(available: number, page: PageSize, zoom: number, max: number = Infinity): number {
  const fit = Math.min(available, max) / page.width_mm
  return Math.max(fit, 0.1) * zoom
}

/** Moves the rectangle the shortest way so that it lies wholly on the page; a rectangle larger than the page sticks to the top-left. */
export function keepOnPage<R extends RectMm>(rect: R, page: PageSize): R {
  const x = Math.max(0, Math.min(rect.x_mm, page.width_mm - rect.width_mm))
  const y = Math.max(0, Math.min(rect.y_mm, page.height_mm - rect.height_mm))
  return { ...rect, x_mm: roundMm(x), y_mm: roundMm(y) }
}

export interface Snap {
  rect: RectMm
  /** Guide lines to draw, in mm: vertical ones at x, horizontal ones at y. */
  x?: number
  y?: number
}

/**
 * Pulls a rectangle towards lines that people align seals with: the page's middle and the middles of the other rectangles.
 * Only a distance below `reach` is closed, so that every place stays reachable.
 */
export function snap(rect: RectMm, page: PageSize, others: readonly RectMm[], reach = 2): Snap {
  const middleX = rect.x_mm + rect.width_mm / 2
  const middleY = rect.y_mm + rect.height_mm / 2
  const x = nearest(middleX, [page.width_mm / 2, ...others.map((o) => o.x_mm + o.width_mm / 2)], reach)
  const y = nearest(middleY, [page.height_mm / 2, ...others.map((o) => o.y_mm + o.height_mm / 2)], reach)
  const moved = {
    ...rect,
    x_mm: x === undefined ? rect.x_mm : x - rect.width_mm / 2,
    y_mm: y === undefined ? rect.y_mm : y - rect.height_mm / 2,
  }
  return { rect: keepOnPage(moved, page), x, y }
}

function nearest(value: number, lines: readonly number[], reach: number): number | undefined {
  let best: number | undefined
  for (const line of lines) {
    const distance = Math.abs(line - value)
    if (distance < reach && (best === undefined || distance < Math.abs(best - value))) best = line
  }
  return best
}

const PAPERS: readonly [name: string, short: number, long: number][] = [
  ['A3', 297, 420],
  ['A4', 210, 297],
  ['A5', 148, 210],
  ['Letter', 215.9, 279.4],
]

/** The paper's name when the page has a common size (2 mm tolerance, either orientation). */
export function paperName(page: PageSize): string | undefined {
  const short = Math.min(page.width_mm, page.height_mm)
  const long = Math.max(page.width_mm, page.height_mm)
  return PAPERS.find(([, s, l]) => Math.abs(s - short) < 2 && Math.abs(l - long) < 2)?.[0]
}
