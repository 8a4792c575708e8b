import { describe, expect, it } from 'vitest'
import type { Messages } from '@guiqian/shared/i18n'
import en from './en'
import zh from './zh-CN'

const keys = (messages: Messages, at = ''): string[] =>
  Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [at + key] : keys(value, `${at}${key}.`),
  )
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort()

describe('texts', () => {
  it('exist in both languages under the same names', () => {
    expect(keys(en)).toEqual(keys(zh))
  })

  it('have the same blanks to fill in both languages', () => {
    const look = (messages: Messages, path: string): string =>
      path.split('.').reduce<Messages | string>((m, k) => (m as Messages)[k] ?? '', messages) as string
    for (const key of keys(zh)) expect([key, holes(look(en, key))]).toEqual([key, holes(look(zh, key))])
  })
})
