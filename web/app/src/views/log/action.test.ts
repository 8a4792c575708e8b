import { expect, it } from 'vitest'
import { actionOf } from './action'

it('an entry has the word that its own detail gives', () => {
  const of = (action: string, detail: unknown) => actionOf({ action, detail: JSON.stringify(detail) })
  expect(of('certificate.issue', {})).toBe('issued')
  expect(of('key.sign', { result: 'ok', for: 'login' })).toBe('login')
  expect(of('key.sign', { result: 'ok' })).toBe('signed')
  expect(of('key.sign', { result: 'pin_wrong', left: 3 })).toBe('pin_wrong')
  expect(of('key.refresh', { result: 'ok', way: 'pin' })).toBe('pin_changed')
  expect(of('key.refresh', { result: 'ok', way: 'unfreeze' })).toBe('unfrozen')
  expect(of('key.refresh', { result: 'ok', way: 'pin_reset' })).toBe('pin_reset')
  expect(of('key.something', {})).toBe('other')
  expect(of('key.generate', null)).toBe('made')
  expect(actionOf({ action: 'key.sign', detail: '{' })).toBe('other')
})
