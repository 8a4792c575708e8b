// What PDF.js needs besides its code: character maps of fonts that are not embedded, the 14 standard fonts, image decoders.
// All of it is shipped with the page (no CDN) and fetched only when a document asks for it. This module is itself loaded
// lazily, for the table of addresses alone is some kilobytes.
//
// Character maps are limited to the Chinese collections and Unicode: Japanese and Korean documents embed their fonts or
// fall back to the system's.

const maps = import.meta.glob<string>(
  [
    '../../../node_modules/pdfjs-dist/cmaps/{GB,Uni,B5,CNS,ETen,HKscs}*.bcmap',
    '../../../node_modules/pdfjs-dist/cmaps/Adobe-{GB1,CNS1,Japan1,Korea1}-UCS2.bcmap',
    '../../../node_modules/pdfjs-dist/cmaps/{90ms-RKSJ,KSCms-UHC,H,V}*.bcmap',
  ],
  { query: '?url&no-inline', import: 'default', eager: true },
)
const fonts = import.meta.glob<string>('../../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', {
  query: '?url&no-inline',
  import: 'default',
  eager: true,
})
const decoders = import.meta.glob<string>('../../../node_modules/pdfjs-dist/wasm/*.wasm', {
  query: '?url&no-inline',
  import: 'default',
  eager: true,
})

const byName = new Map(
  Object.entries({ ...maps, ...fonts, ...decoders }).map(([path, url]) => [
    path.slice(path.lastIndexOf('/') + 1),
    url,
  ]),
)

export async function asset(filename: string): Promise<Uint8Array> {
  const url = byName.get(filename)
  if (!url) throw new Error(`not shipped: ${filename}`)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${response.status} for ${filename}`)
  return new Uint8Array(await response.arrayBuffer())
}
