import type { Locale } from '@guiqian/shared/format'
import { initialLocale, makeI18n, switchLocale } from '@guiqian/shared/i18n'
import zh from './zh-CN'

export const i18n = makeI18n(zh, 'zh-CN')

const loaders = { en: () => import('./en').then((m) => m.default) }

export const chooseLocale = (locale: Locale): Promise<void> => switchLocale(i18n, locale, loaders)

/** When the other language cannot be loaded, Chinese is better than nothing. */
export const startLocale = (): Promise<void> => chooseLocale(initialLocale()).catch(() => undefined)
