// The code as one SVG path: crisp at every size, drawn here, never fetched from anybody.
import { create } from 'qrcode'

export interface QrShape {
  /** Modules per side. */
  size: number
  path: string
}

/** Level M leaves room for a smudged screen without making the modules too small for a cheap camera. */
export function qrShape(text: string): QrShape {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const { size } = modules
  let path = ''
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!modules.get(y, x)) continue
      let run = 1
      while (x + run < size && modules.get(y, x + run)) run++
      path += `M${x} ${y}h${run}v1h-${run}z`
      x += run - 1
    }
  }
  return { size, path }
}
