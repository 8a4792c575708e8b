/** Pictures before they are sent: small enough, without camera data, cut to what was written. */

/** The platform takes up to 8 MiB; a page photographed at 2,000 pixels is well below and still readable. */
export const MAX_EDGE = 2_000
export const MAX_BYTES = 8 * 1024 * 1024

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

/** A photo, turned upright, reduced and written anew as JPEG: position and camera data do not survive that. */
export async function compressPhoto(file: Blob): Promise<Blob> {
  if (file.type && !file.type.startsWith('image/')) throw new ImageRefused('type')
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new ImageRefused('unreadable')
  })
  const { width, height } = fitWithin(picture.width, picture.height, MAX_EDGE)
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) throw new ImageRefused('unreadable')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(picture, 0, 0, width, height)
  picture.close()
  const blob = await toBlob(canvas, 'image/jpeg', 0.86)
  if (blob.size > MAX_BYTES) throw new ImageRefused('size')
  return blob
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
