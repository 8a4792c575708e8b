/** The one way to the server's half of a key: `POST /api/key-operations`. */
import { KeyOperationError } from './errors'

const PATIENCE_MS = 15_000
const ATTEMPTS = 3

/**
 * Sends one sealed request and returns the sealed answer.
 *
 * A lost connection is tried again with the very same octets: the server answers a request it has answered before with
 * the same reply, so a retry can neither sign twice nor count a PIN twice.
 */
export async function knock(request: Uint8Array): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch('/api/key-operations', {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: new Uint8Array(request),
        signal: AbortSignal.timeout(PATIENCE_MS),
        credentials: 'same-origin',
        cache: 'no-store',
      })
      if (response.ok) return new Uint8Array(await response.arrayBuffer())
      if (response.status < 500)
        throw new KeyOperationError('REFUSED', undefined, { cause: await problem(response) })
      if (attempt === ATTEMPTS)
        throw new KeyOperationError('RETRY', undefined, { cause: await problem(response) })
    } catch (error) {
      if (error instanceof KeyOperationError) throw error
      if (attempt === ATTEMPTS) throw new KeyOperationError('NETWORK', undefined, { cause: error })
    }
    await new Promise((resolve) => setTimeout(resolve, 400 * attempt))
  }
}

async function problem(response: Response): Promise<unknown> {
  return response.json().catch(() => response.status)
}
