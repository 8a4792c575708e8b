// The one place that knows PDF.js. It is loaded with the first document, so pages without one do not pay for it. The build
// with wider browser support is used: phones keep old web views for years.
import type { PDFDocumentLoadingTask, PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'
import { pointsToMm, type PageSize } from './geometry'

export type PdfErrorCode = 'PASSWORD' | 'INVALID' | 'UNREACHABLE'

export class PdfError extends Error {
  readonly code: PdfErrorCode
  constructor(code: PdfErrorCode, cause?: unknown) {
    super(code, { cause })
    this.name = 'PdfError'
    this.code = code
  }
}

export interface PdfDocument {
  readonly pages: readonly PageSize[]
  /** Draws a page at `pxPerMm` device pixels per millimetre into a fresh canvas. */
  render(page: number, pxPerMm: number, signal: AbortSignal): Promise<HTMLCanvasElement>
  close(): void
}

/** Phones refuse canvases beyond about this many pixels; a page is then drawn coarser rather than not at all. */
const MAX_CANVAS_PIXELS = 16_000_000

/** PDF.js hands over the file's name; where it lies is our build's business. */
class BundledFiles {
  async fetch({ filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const { asset } = await import('./assets')
    return asset(filename)
  }
}

export async function openPdf(source: Uint8Array | string): Promise<PdfDocument> {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs')
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl
  const task: PDFDocumentLoadingTask = pdfjs.getDocument({
    // PDF.js takes ownership of the bytes; the caller still needs them to compute the digest.
    ...(typeof source === 'string' ? { url: source, withCredentials: true } : { data: source.slice() }),
    BinaryDataFactory: BundledFiles,
    useWorkerFetch: false,
    cMapUrl: 'bundled/',
    standardFontDataUrl: 'bundled/',
    wasmUrl: 'bundled/',
    // A content security policy without 'unsafe-eval' stays possible.
    isEvalSupported: false,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  })
  try {
    const proxy = await task.promise
    return await describe(task, proxy)
  } catch (cause) {
    void task.destroy()
    throw new PdfError(codeOf(cause), cause)
  }
}

function codeOf(cause: unknown): PdfErrorCode {
  const name = cause instanceof Error ? cause.name : ''
  if (name === 'PasswordException') return 'PASSWORD'
  if (name === 'ResponseException' || name === 'UnknownErrorException') return 'UNREACHABLE'
  return 'INVALID'
}

async function describe(task: PDFDocumentLoadingTask, proxy: PDFDocumentProxy): Promise<PdfDocument> {
  const open = new Map<number, Promise<PDFPageProxy>>()
  const page = (number: number): Promise<PDFPageProxy> => {
    let found = open.get(number)
    if (!found) open.set(number, (found = proxy.getPage(number)))
    return found
  }
  const pages = await Promise.all(
    Array.from({ length: proxy.numPages }, async (_, index): Promise<PageSize> => {
      const viewport = (await page(index + 1)).getViewport({ scale: 1 })
      return { width_mm: pointsToMm(viewport.width), height_mm: pointsToMm(viewport.height) }
    }),
  )

  return {
    pages,
    async render(number, pxPerMm, signal) {
      const proxyPage = await page(number)
      const natural = proxyPage.getViewport({ scale: 1 })
      let scale = (pxPerMm * pages[number - 1]!.width_mm) / natural.width
      const pixels = natural.width * natural.height * scale * scale
      if (pixels > MAX_CANVAS_PIXELS) scale *= Math.sqrt(MAX_CANVAS_PIXELS / pixels)
      const viewport = proxyPage.getViewport({ scale })
      const canvas = document.createElement('canvas')
      canvas.width = Math.max(1, Math.round(viewport.width))
      canvas.height = Math.max(1, Math.round(viewport.height))
      signal.throwIfAborted()
      const work = proxyPage.render({ canvas, viewport })
      const stop = (): void => work.cancel()
      signal.addEventListener('abort', stop, { once: true })
      try {
        await work.promise
      } finally {
        signal.removeEventListener('abort', stop)
      }
      signal.throwIfAborted()
      return canvas
    },
    close() {
      void task.destroy()
    },
  }
}
