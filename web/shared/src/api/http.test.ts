import { afterEach, describe, expect, it, vi } from 'vitest'
import { get, path, send, whenUnauthorised } from './http'
import { ApiError, errorText } from './problem'

afterEach(() => vi.unstubAllGlobals())

function answer(status: number, body: string, type = 'application/problem+json') {
  const fetch = vi.fn(async () => new Response(body, { status, headers: { 'content-type': type } }))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

describe('what the platform refuses arrives as ApiError', () => {
  it('a problem keeps its code and both texts', async () => {
    answer(
      409,
      JSON.stringify({ title: '已有申请', title_en: 'Already open', status: 409, code: 'APPLICATION_OPEN' }),
    )
    const error = await send('POST', '/api/applications', {}).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ApiError)
    expect((error as ApiError).code).toBe('APPLICATION_OPEN')
    expect(errorText(error, 'zh-CN')).toBe('已有申请')
    expect(errorText(error, 'en')).toBe('Already open')
  })

  it('an answer that is no problem still says what to do', async () => {
    answer(502, '<html>bad gateway', 'text/html')
    const error = await get('/api/me').catch((e: unknown) => e)
    expect((error as ApiError).code).toBe('UNREADABLE')
    expect(errorText(error, 'zh-CN')).toContain('稍后')
  })

  it('no network is told apart from a refusal', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')))
    const error = await get('/api/me').catch((e: unknown) => e)
    expect((error as ApiError).offline).toBe(true)
  })

  it('a lost session is announced once per answer', async () => {
    const told = vi.fn()
    whenUnauthorised(told)
    answer(401, '{}')
    await get('/api/me').catch(() => undefined)
    expect(told).toHaveBeenCalledOnce()
  })
})

describe('requests', () => {
  it('empty query values are left out', async () => {
    const fetch = answer(200, '{"items":[]}', 'application/json')
    await get('/api/messages', { cursor: undefined, q: '' })
    expect(fetch).toHaveBeenCalledWith('/api/messages', expect.anything())
  })

  it('path parts are encoded', () => {
    expect(path`/api/applications/${'a/../b'}`).toBe('/api/applications/a%2F..%2Fb')
  })

  it('an answer without content is undefined', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }))
    expect(await send('DELETE', '/api/sessions/current')).toBeUndefined()
  })
})
