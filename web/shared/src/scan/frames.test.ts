import { describe, expect, it } from 'vitest'
import { asCode, asState } from './frames'

describe('events of a scan', () => {
  it('are read when they are as agreed', () => {
    expect(asCode({ code: 'https://x/s#a.b.c', check_number: '4821', expires_in: 90 })).toEqual({
      code: 'https://x/s#a.b.c',
      check_number: '4821',
      expires_in: 90,
    })
    expect(asState({ state: 'claimed' })).toBe('claimed')
  })

  it('are ignored when they are not', () => {
    for (const data of [null, undefined, 'text', {}, { code: 7, check_number: '1' }, { code: 'a' }])
      expect(asCode(data)).toBeUndefined()
    for (const data of [null, 'claimed', { state: 'unheard of' }, { state: 1 }])
      expect(asState(data)).toBeUndefined()
  })
})
