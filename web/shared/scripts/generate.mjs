// Types of the API from its description. The server's tests keep openapi.json current; run this after it changed.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const description = JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8'))

// A reference to a schema that the description does not carry becomes a plain text, and is named, so that it gets mended.
const missing = new Set()
const mend = (node) => {
  if (Array.isArray(node)) return node.map(mend)
  if (typeof node !== 'object' || node === null) return node
  const name = typeof node.$ref === 'string' && /^#\/components\/schemas\/(.+)$/.exec(node.$ref)?.[1]
  if (name && !(name in description.components.schemas)) {
    missing.add(name)
    return { type: 'string' }
  }
  // Operations are named by their paths here; the names of the server's functions repeat.
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => key !== 'operationId' || typeof value !== 'string')
      .map(([key, value]) => [key, mend(value)]),
  )
}

const types = await openapiTS(mend(description))
const head = '/* Made from openapi.json by `npm run generate`; not edited by hand. */\n'
await writeFile(new URL('../src/api/schema.d.ts', import.meta.url), head + astToString(types))
if (missing.size)
  console.warn(`openapi.json names schemas that it does not carry: ${[...missing].join(', ')}`)
