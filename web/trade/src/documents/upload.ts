// What may be uploaded, decided before a byte travels.
export type UploadRefusal = 'type' | 'size' | 'empty'

/** The platform accepts PDFs of 20 MiB at most. */
export const MAX_BYTES = 20 * 1024 * 1024

/** A PDF says so in its first kilobyte, whatever its name is. */
export async function checkPdf(file: Blob): Promise<UploadRefusal | undefined> {
  if (file.size === 0) return 'empty'
  if (file.size > MAX_BYTES) return 'size'
  const head = new Uint8Array(await file.slice(0, 1024).arrayBuffer())
  return String.fromCharCode(...head).includes('%PDF-') ? undefined : 'type'
}

/** The document's title: the file's name without its ending. */
export function titleOf(name: string): string {
  return name.replace(/\.pdf$/i, '').trim() || name
}
