/** Handwriting as a pen leaves it: the faster, the thinner. */

export interface InkPoint {
  x: number
  y: number
  at: number
}

/** Pen width in pixels for a speed in pixels per millisecond, eased from the width before so that it never jumps. */
export function penWidth(speed: number, before: number, pen: number): number {
  const target = pen * Math.max(0.42, Math.min(1.25, 1.35 - speed * 0.42))
  return before + (target - before) * 0.32
}

/** The name in a written face, as large as the canvas allows; the system's regular-script font where there is one. */
export function drawName(canvas: HTMLCanvasElement, name: string, ink: string): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const family = "'Kaiti SC', 'STKaiti', 'KaiTi', 'TW-Kai', 'AR PL UKai CN', 'Noto Serif CJK SC', serif"
  const size = 160
  context.font = `${size}px ${family}`
  canvas.width = Math.ceil(context.measureText(name).width * 1.12) + 48
  canvas.height = Math.ceil(size * 1.5)
  // Resizing has reset the context.
  context.font = `${size}px ${family}`
  context.fillStyle = ink
  context.textBaseline = 'middle'
  // A slight slant and rise, as a hand has them.
  context.setTransform(1, -0.03, -0.12, 1, 32, canvas.height / 2 + 6)
  context.fillText(name, 0, 0)
  context.setTransform(1, 0, 0, 1, 0, 0)
}
