import type { Messages } from '@guiqian/shared/i18n'
import { expect, test } from 'vitest'
import en from './en'
import zh from './zh-CN'

const paths = (messages: Messages, prefix = ''): string[] =>
  Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : paths(value, `${prefix}${key}.`),
  )

test('both languages say the same things', () => {
  expect(paths(en).sort()).toEqual(paths(zh).sort())
})
