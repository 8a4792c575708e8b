import { codeReader, type CodeReader } from '../scan/reader'

/** A licence's code is a tenth of the page: it is looked for in the whole picture, then in overlapping pieces of it. */
const PIECES = [2, 3]

/** The text of the first QR code in a photo. */
export async function codeInPhoto(file: Blob): Promise<string | undefined> {
  const reader = await codeReader()
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  try {
    return (await reader.read(picture)) ?? (await inPieces(reader, picture))
  } finally {
    picture.close()
  }
}

async function inPieces(reader: CodeReader, picture: ImageBitmap): Promise<string | undefined> {
  for (const count of PIECES) {
    // Half as large again as its share, so that a code on a border lies whole in one of them.
    const [width, height] = [picture.width, picture.height].map((edge) => Math.round((edge / count) * 1.5))
    if (!width || !height) return undefined
    for (let row = 0; row < count; row += 1) {
      for (let column = 0; column < count; column += 1) {
        const x = Math.round((column * (picture.width - width)) / (count - 1))
        const y = Math.round((row * (picture.height - height)) / (count - 1))
        const piece = await createImageBitmap(picture, x, y, width, height)
        const text = await reader.read(piece).finally(() => piece.close())
        if (text) return text
      }
    }
  }
  return undefined
}
