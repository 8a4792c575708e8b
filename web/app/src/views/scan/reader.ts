/**
 * Finding a QR code in a picture. The browser's own detector where there is one, else ZXing as WebAssembly, loaded
 * from our own origin when the camera opens for the first time.
 */
export interface CodeReader {
  read(source: HTMLVideoElement | ImageBitmap): Promise<string | undefined>
}

interface NativeDetector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}

interface NativeDetectorClass {
  new (options: { formats: string[] }): NativeDetector
  getSupportedFormats(): Promise<string[]>
}

declare global {
  interface Window {
    BarcodeDetector?: NativeDetectorClass
  }
}

let reader: Promise<CodeReader> | undefined

export function codeReader(): Promise<CodeReader> {
  reader ??= open().catch((error: unknown) => {
    reader = undefined
    throw error
  })
  return reader
}

async function open(): Promise<CodeReader> {
  return (await native()) ?? (await zxing())
}

async function native(): Promise<CodeReader | undefined> {
  const Detector = window.BarcodeDetector
  if (!Detector) return undefined
  try {
    if (!(await Detector.getSupportedFormats()).includes('qr_code')) return undefined
    const detector = new Detector({ formats: ['qr_code'] })
    return { read: async (source) => (await detector.detect(source))[0]?.rawValue }
  } catch {
    return undefined
  }
}

/** Wider pictures cost time and find no more codes of the size that fits into a frame. */
const WIDEST = 960

async function zxing(): Promise<CodeReader> {
  const [{ prepareZXingModule, readBarcodes }, { default: wasm }] = await Promise.all([
    import('zxing-wasm/reader'),
    import('zxing-wasm/reader/zxing_reader.wasm?url'),
  ])
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true })
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return {
    async read(source) {
      const [width, height] =
        source instanceof HTMLVideoElement
          ? [source.videoWidth, source.videoHeight]
          : [source.width, source.height]
      if (!context || !width || !height) return undefined
      const scale = Math.min(1, WIDEST / width)
      canvas.width = Math.round(width * scale)
      canvas.height = Math.round(height * scale)
      context.drawImage(source, 0, 0, canvas.width, canvas.height)
      const image = context.getImageData(0, 0, canvas.width, canvas.height)
      const found = await readBarcodes(image, { formats: ['QRCode'], maxNumberOfSymbols: 1, tryHarder: true })
      return found[0]?.text || undefined
    },
  }
}
