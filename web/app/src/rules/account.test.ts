import { describe, expect, it, vi } from 'vitest'
import { clearCache } from './cache'
import { installPlace } from './install'
import { passwordWeakness } from './password'
import { checkPhoneChange } from './phone-change'

describe('a login password', () => {
  it('is long, mixed, and not one that anybody would try first', () => {
    for (const good of ['guihua-2026', 'Ab3!5678', '桂花树下的第3棵 ok'])
      expect(passwordWeakness(good, '13800138000'), good).toBeUndefined()
    const bad = {
      a1b2c3d: 'LENGTH',
      ['a1'.repeat(33)]: 'LENGTH',
      'abcd\u00071234': 'CONTROL',
      '92837465': 'KINDS',
      abcdefgh: 'KINDS',
      wei13800138000: 'PHONE',
      password1: 'POPULAR',
      a1a1a1a1: 'POPULAR',
    }
    for (const [password, why] of Object.entries(bad))
      expect(passwordWeakness(password, '13800138000'), password).toBe(why)
  })
})

describe('clearing the cache', () => {
  it('removes caches and drafts and touches neither key shares nor settings', async () => {
    const [local, session] = [localStorage, sessionStorage]
    local.clear()
    local.setItem('guiqian.settings', '{}')
    local.setItem('guiqian.draft', 'x')
    session.setItem('y', 'z')
    const gone: string[] = []
    const caches = {
      keys: async () => ['shell', 'guiqian-assets'],
      delete: async (name: string) => gone.push(name) > 0,
    }
    const untouched = new Proxy(
      {},
      {
        get: () => {
          throw new Error('key shares live here')
        },
      },
    )
    vi.stubGlobal('indexedDB', untouched)
    await clearCache({ caches, local, session })
    vi.unstubAllGlobals()
    expect(gone).toEqual(['shell', 'guiqian-assets'])
    expect([local.length, local.getItem('guiqian.settings'), session.length]).toEqual([1, '{}', 0])
  })
})

it('a change of the number is signed only when it is the one that was entered', () => {
  const expected = { request: 'r', account: 'a', phone: '13900139000' }
  const fields = {
    type: 'guiqian-phone-change',
    version: 1,
    ...expected,
    issued_at: '2026-11-24T04:00:00Z',
    expires_at: '2026-11-24T04:15:00Z',
  }
  const octets = (value: unknown, more = '') =>
    new TextEncoder().encode(JSON.stringify(value) + more) as Uint8Array<ArrayBuffer>
  expect(() => checkPhoneChange(octets(fields), expected)).not.toThrow()
  for (const wrong of [
    octets({ ...fields, phone: '13600136000' }),
    octets({ ...fields, type: 'guiqian-login' }),
    octets({ ...fields, account: 'b' }),
    octets({ ...fields, more: 1 }),
    octets(fields, ' '),
    octets(null),
    octets('x').slice(1),
  ])
    expect(() => checkPhoneChange(wrong, expected)).toThrow()
})

it('the download centre knows where it is open', () => {
  expect(installPlace('Mozilla/5.0 (Linux; Android 14) Chrome/141', 5)).toBe('android')
  expect(installPlace('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604', 5)).toBe('ios')
  expect(installPlace('Mozilla/5.0 (Macintosh; Intel Mac OS X) Safari/604', 5)).toBe('ios')
  expect(installPlace('Mozilla/5.0 (iPhone) MicroMessenger/8.0', 5)).toBe('wechat')
  expect(installPlace('Mozilla/5.0 (Windows NT 10.0) Chrome/141', 0)).toBeUndefined()
})
