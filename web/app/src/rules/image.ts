/** Pictures before they are sent: small enough, without camera data, cut to what was written. */
import { pixels, WHOLE, type Frame } from './crop'

/** A page at 2,400 pixels is still readable when a reviewer zooms in. */
export const MAX_EDGE = 2_400
/** What a phone sends: a photographed page in good quality, over a slow line in a few seconds. */
export const MAX_BYTES = 1_500_000
/** Tried one after the other until the picture is small enough. */
const TRIES: [quality: number, edge: number][] = [
  [0.88, MAX_EDGE],
  [0.78, MAX_EDGE],
  [0.74, 2_000],
  [0.66, 1_600],
  [0.5, 1_200],
]

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Largest size within `edge` that keeps the proportions; never enlarges. */
export function fitWithin(width: number, height: number, edge: number): { width: number; height: number } {
  const scale = Math.min(1, edge / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** The smallest box around everything visible in RGBA pixels, `undefined` when nothing is. */
export function inkBox(pixels: Uint8ClampedArray, width: number, height: number): Box | undefined {
  let left = width
  let right = -1
  let top = height
  let bottom = -1
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((pixels[(y * width + x) * 4 + 3] ?? 0) < 8) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

export class ImageRefused extends Error {
  override readonly name = 'ImageRefused'

  constructor(readonly reason: 'type' | 'unreadable' | 'size') {
    super(reason)
  }
}

/** A photo, upright as its camera data say. Big ones are reduced at once, because phones run out of memory. */
export async function openPhoto(file: Blob): Promise<ImageBitmap> {
  if (file.type && !file.type.startsWith('image/')) throw new ImageRefused('type')
  return createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new ImageRefused('unreadable')
  })
}

/** What is cut out, and how many quarters to the right the picture is turned before. */
export interface Cut {
  frame: Frame
  quarters: number
}

/**
 * The piece of a picture written anew as JPEG, small enough to send: position and camera data do not survive that. It is
 * on white, because JPEG has no transparency.
 */
export async function writePhoto(
  picture: ImageBitmap,
  cut: Cut = { frame: WHOLE, quarters: 0 },
): Promise<Blob> {
  const odd = cut.quarters % 2 === 1
  const [turnedWidth, turnedHeight] = odd ? [picture.height, picture.width] : [picture.width, picture.height]
  const piece = pixels(cut.frame, turnedWidth, turnedHeight)
  for (const [quality, edge] of TRIES) {
    const size = fitWithin(piece.width, piece.height, edge)
    const canvas = document.createElement('canvas')
    canvas.width = size.width
    canvas.height = size.height
    const context = canvas.getContext('2d')
    if (!context) throw new ImageRefused('unreadable')
    context.fillStyle = '#fff'
    context.fillRect(0, 0, size.width, size.height)
    context.scale(size.width / piece.width, size.height / piece.height)
    context.translate(turnedWidth / 2 - piece.x, turnedHeight / 2 - piece.y)
    context.rotate((cut.quarters * Math.PI) / 2)
    context.drawImage(picture, -picture.width / 2, -picture.height / 2)
    const blob = await toBlob(canvas, 'image/jpeg', quality)
    if (blob.size <= MAX_BYTES) return blob
  }
  throw new ImageRefused('size')
}

/** A whole photo, ready to be sent. */
export async function compressPhoto(file: Blob): Promise<Blob> {
  const picture = await openPhoto(file)
  try {
    return await writePhoto(picture)
  } finally {
    picture.close()
  }
}

export function toBlob(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new ImageRefused('unreadable'))), type, quality)
  })
}

/** Cuts a transparent drawing to its ink with a small margin; `undefined` when nothing was drawn. */
export async function trimmed(canvas: HTMLCanvasElement, maxWidth = 900): Promise<Blob | undefined> {
  const context = canvas.getContext('2d')
  if (!context) return undefined
  const box = inkBox(
    context.getImageData(0, 0, canvas.width, canvas.height).data,
    canvas.width,
    canvas.height,
  )
  if (!box) return undefined
  const margin = Math.round(Math.max(box.width, box.height) * 0.03) + 2
  const size = fitWithin(box.width + 2 * margin, box.height + 2 * margin, maxWidth)
  const out = document.createElement('canvas')
  out.width = size.width
  out.height = size.height
  out
    .getContext('2d')
    ?.drawImage(
      canvas,
      box.x - margin,
      box.y - margin,
      box.width + 2 * margin,
      box.height + 2 * margin,
      0,
      0,
      size.width,
      size.height,
    )
  return toBlob(out, 'image/png')
}
