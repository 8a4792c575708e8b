import { ApiError } from './problem'

type Query = Record<string, string | number | boolean | null | undefined>

/** Told of every 401 so that a page can show its login once, in one place. */
let onUnauthorised: (() => void) | undefined

export function whenUnauthorised(handler: () => void): void {
  onUnauthorised = handler
}

/** The address with what is asked; empty values are left out. */
export function withQuery(path: string, query?: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

/** Told whether the platform could be reached, after every attempt. */
let onReach: ((reached: boolean) => void) | undefined

export function watchConnection(handler: (reached: boolean) => void): void {
  onReach = handler
}

/** `fetch` that tells a lost network and every refusal as `ApiError`. */
export async function guarded(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(input, init)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    onReach?.(false)
    throw ApiError.offline()
  }
  onReach?.(true)
  if (response.ok) return response
  if (response.status === 401) onUnauthorised?.()
  throw await ApiError.from(response)
}

const exchange = (path: string, init: RequestInit) => guarded(path, { credentials: 'same-origin', ...init })

async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

/** Fills `{name}` parts of a path, encoded. */
export function path(strings: TemplateStringsArray, ...values: string[]): string {
  return strings.reduce(
    (out, part, i) => out + part + (i < values.length ? encodeURIComponent(values[i] ?? '') : ''),
    '',
  )
}

export async function get<T>(url: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return json<T>(await exchange(withQuery(url, query), { headers: { accept: 'application/json' }, signal }))
}

export async function getBytes(url: string, signal?: AbortSignal): Promise<Blob> {
  return (await exchange(url, { signal })).blob()
}

export async function send<T>(
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
): Promise<T> {
  return json<T>(
    await exchange(url, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: method === 'DELETE' && body === undefined ? undefined : JSON.stringify(body ?? {}),
    }),
  )
}

export async function sendBytes<T>(
  method: 'POST' | 'PUT',
  url: string,
  body: Blob,
  contentType: string,
): Promise<T> {
  return json<T>(await exchange(url, { method, headers: { 'content-type': contentType }, body }))
}

export async function sendForm<T>(url: string, form: FormData): Promise<T> {
  return json<T>(await exchange(url, { method: 'POST', body: form }))
}

/** Sends octets and tells how much of them is on its way, 0 to 1: `fetch` cannot. */
export function upload<T>(
  url: string,
  body: Blob,
  onProgress: (part: number) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open('PUT', url)
    request.responseType = 'text'
    request.setRequestHeader('content-type', body.type)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onerror = () => {
      onReach?.(false)
      reject(ApiError.offline())
    }
    request.onabort = () => reject(new DOMException('Aborted', 'AbortError'))
    request.onloadend = () => signal?.removeEventListener('abort', stop)
    request.onload = () => {
      onReach?.(true)
      const answer = new Response(request.response as string, {
        status: request.status,
        headers: { 'content-type': request.getResponseHeader('content-type') ?? '' },
      })
      if (answer.ok) return resolve(json<T>(answer))
      if (answer.status === 401) onUnauthorised?.()
      void ApiError.from(answer).then(reject)
    }
    signal?.addEventListener('abort', stop)
    request.send(body)
  })
}
