import { expect, test } from 'vitest'
import { fromUuid, toUuid } from './uuid'

test('a UUID and its octets say the same', () => {
  const uuid = '01935b1e-7c2a-7f00-8000-0123456789ab'
  expect(Array.from(fromUuid(uuid)).slice(0, 4)).toEqual([1, 0x93, 0x5b, 0x1e])
  expect(toUuid(fromUuid(uuid))).toBe(uuid)
})

test('what is not a UUID is refused', () => {
  for (const text of ['', '01935b1e', '01935b1e-7c2a-7f00-8000-0123456789ag']) {
    expect(() => fromUuid(text)).toThrow(RangeError)
  }
})
