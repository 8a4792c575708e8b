import createClient from 'openapi-fetch'
import { guarded } from './http'
import type { paths } from './schema'

/** Paths, parameters and bodies are checked against the API's description when this is compiled. */
export const client = createClient<paths>({ baseUrl: '', fetch: guarded })

/** The body of an answer; refusals have been thrown as `ApiError` before this. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T
}

/** The octets of an answer. */
export async function octets(answer: Promise<{ data?: unknown }>): Promise<Blob> {
  return (await answer).data as Blob
}
