// The phone's camera: Chromium plays a one-frame video file in a circle and reads it anew each time, so rewriting the
// file in place changes what the camera sees. What it is shown is a photograph of the code on the PC's real page.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import type { Locator } from '@playwright/test'
import { PNG } from 'pngjs'

const WIDTH = 1280
const HEIGHT = 720
const HEADER = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F15:1 Ip A1:1 C420jpeg\nFRAME\n`, 'ascii')
const GREY = 160

/** The frame as the file holds it: luma, then neutral chroma. */
export function frame(picture?: PNG): Buffer {
  const luma = Buffer.alloc(WIDTH * HEIGHT, picture ? 255 : GREY)
  if (picture) draw(picture, luma)
  return Buffer.concat([HEADER, luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)])
}

/** Enlarges by whole pixels where it can, centred, on white. */
function draw(picture: PNG, luma: Buffer): void {
  const fit = Math.min((HEIGHT - 40) / picture.height, (WIDTH - 40) / picture.width)
  const scale = fit >= 1 ? Math.floor(fit) : fit
  const [width, height] = [Math.floor(picture.width * scale), Math.floor(picture.height * scale)]
  const [left, top] = [(WIDTH - width) >> 1, (HEIGHT - height) >> 1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (Math.floor(y / scale) * picture.width + Math.floor(x / scale)) * 4
      const [red = 0, green = 0, blue = 0] = picture.data.subarray(at, at + 3)
      luma[(top + y) * WIDTH + left + x] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue)
    }
  }
}

export class Camera {
  private looking = false
  private pump: Promise<void> = Promise.resolve()
  private readonly file: string

  constructor(file: string) {
    this.file = file
    writeFileSync(file, frame())
  }

  /** Points the camera at an element and keeps looking while it changes. */
  pointAt(code: Locator): void {
    this.looking = true
    this.pump = (async () => {
      while (this.looking) {
        // The code may be redrawn or gone at this moment; the next look shows.
        const photograph = await code.screenshot({ timeout: 2_000 }).catch(() => undefined)
        if (photograph && this.looking) this.show(frame(PNG.sync.read(photograph)))
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
    })()
  }

  async lookAway(): Promise<void> {
    this.looking = false
    await this.pump
    this.show(frame())
  }

  private show(bytes: Buffer): void {
    const file = openSync(this.file, 'r+')
    writeSync(file, bytes, 0, bytes.length, 0)
    closeSync(file)
  }
}
