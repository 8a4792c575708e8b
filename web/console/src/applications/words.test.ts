import { expect, test } from 'vitest'
import { ageing, neighbour, waited } from './words'

const now = new Date('2026-11-24T12:00:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()

test('a wait is told in the unit that matters', () => {
  expect(waited(ago(0), now)).toEqual({ unit: 'Now', n: 0 })
  expect(waited(ago(-3), now)).toEqual({ unit: 'Now', n: 0 })
  expect(waited(ago(59), now)).toEqual({ unit: 'Minutes', n: 59 })
  expect(waited(ago(47 * 60), now)).toEqual({ unit: 'Hours', n: 47 })
  expect(waited(ago(49 * 60), now)).toEqual({ unit: 'Days', n: 2 })
})

test('what waits for more than a working day is due, after two days late', () => {
  expect(ageing(ago(7 * 60), now)).toBe('fresh')
  expect(ageing(ago(9 * 60), now)).toBe('due')
  expect(ageing(ago(49 * 60), now)).toBe('late')
})

test('J and K go through the list and stop at its ends', () => {
  const items = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]
  expect(neighbour(items, undefined, 1)).toBe('a')
  expect(neighbour(items, undefined, -1)).toBe('c')
  expect(neighbour(items, 'a', 1)).toBe('b')
  expect(neighbour(items, 'c', 1)).toBe('c')
  expect(neighbour(items, 'a', -1)).toBe('a')
  expect(neighbour([], 'a', 1)).toBeUndefined()
})
