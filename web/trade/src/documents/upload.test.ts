import { describe, expect, it } from 'vitest'
import { checkPdf, MAX_BYTES, titleOf } from './upload'

const pdf = (...parts: BlobPart[]): Blob => new Blob(['%PDF-1.7\n', ...parts])

describe('a file to upload', () => {
  it('is accepted when it is a PDF, also with some bytes in front of the mark', async () => {
    expect(await checkPdf(pdf('…'))).toBeUndefined()
    expect(await checkPdf(new Blob(['\ufeff\n%PDF-1.4']))).toBeUndefined()
  })

  it('is refused when it is something else under the name of a PDF', async () => {
    expect(await checkPdf(new Blob(['PK\u0003\u0004 a Word file']))).toBe('type')
  })

  it('is refused when it is empty or too large', async () => {
    expect(await checkPdf(new Blob([]))).toBe('empty')
    expect(await checkPdf(pdf(new Uint8Array(MAX_BYTES)))).toBe('size')
  })

  it('gives the document its name without the ending', () => {
    expect(titleOf('招标文件（第二册）.PDF')).toBe('招标文件（第二册）')
    expect(titleOf('.pdf')).toBe('.pdf')
  })
})
