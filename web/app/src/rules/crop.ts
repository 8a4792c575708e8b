/** The frame of a cropper, in parts of the picture (0 to 1), so that it does not depend on how large the picture is shown. */
export interface Frame {
  left: number
  top: number
  right: number
  bottom: number
}

/** Which edges follow the finger; a corner is two edges, the middle is all four. */
export type Handle = 'n' | 's' | 'e' | 'w' | 'ne' | 'nw' | 'se' | 'sw' | 'all'

export const WHOLE: Frame = { left: 0, top: 0, right: 1, bottom: 1 }

/** Smaller than this part of the picture is a slip of the finger. */
const LEAST = 0.08

const between = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

/** The frame after `handle` was moved by a part of the picture; it stays on the picture and does not collapse. */
export function dragged(frame: Frame, handle: Handle, dx: number, dy: number): Frame {
  if (handle === 'all') {
    const x = between(dx, -frame.left, 1 - frame.right)
    const y = between(dy, -frame.top, 1 - frame.bottom)
    return { left: frame.left + x, right: frame.right + x, top: frame.top + y, bottom: frame.bottom + y }
  }
  const next = { ...frame }
  if (handle.includes('w')) next.left = between(frame.left + dx, 0, frame.right - LEAST)
  if (handle.includes('e')) next.right = between(frame.right + dx, frame.left + LEAST, 1)
  if (handle.includes('n')) next.top = between(frame.top + dy, 0, frame.bottom - LEAST)
  if (handle.includes('s')) next.bottom = between(frame.bottom + dy, frame.top + LEAST, 1)
  return next
}

/** The same piece of the picture after the picture was turned by a quarter to the right. */
export function turned(frame: Frame): Frame {
  return { left: 1 - frame.bottom, right: 1 - frame.top, top: frame.left, bottom: frame.right }
}

export function isWhole(frame: Frame): boolean {
  return frame.left <= 0 && frame.top <= 0 && frame.right >= 1 && frame.bottom >= 1
}

/** Pixels of the turned picture that the frame holds. */
export function pixels(frame: Frame, width: number, height: number) {
  const x = Math.round(frame.left * width)
  const y = Math.round(frame.top * height)
  return {
    x,
    y,
    width: Math.max(1, Math.round(frame.right * width) - x),
    height: Math.max(1, Math.round(frame.bottom * height) - y),
  }
}
