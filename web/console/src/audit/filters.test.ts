import { expect, test } from 'vitest'
import { fromAddress, toQuery } from './filters'

test('a day is asked for whole, in the time zone of whoever asks', () => {
  const query = toQuery(fromAddress({ from: '2026-03-02', to: '2026-03-02' }))
  expect(new Date(query.to!).getTime() - new Date(query.from!).getTime()).toBe(24 * 3_600_000)
  expect(new Date(query.from!).getHours()).toBe(0)
})

test('what is no filter is ignored', () => {
  const odd = { actor: '', actor_kind: 'a b', action: 'DROP', target: '1', from: 'yesterday', to: ['x'] }
  expect(Object.values(toQuery(fromAddress(odd))).filter(Boolean)).toEqual([])
})
