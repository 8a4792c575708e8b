import type { Locale } from '@guiqian/shared/format'
import { initialLocale, makeI18n, switchLocale } from '@guiqian/shared/i18n'
import zh from './zh-CN'

const loaders = { en: () => import('./en').then((module) => module.default) }

export const i18n = makeI18n(zh, 'zh-CN')

export function setLocale(locale: Locale): Promise<void> {
  return switchLocale(i18n, locale, loaders)
}

/** The language chosen earlier; Chinese is in the first load, others follow. */
export function startLocale(): Promise<void> {
  const locale = initialLocale()
  return locale === 'zh-CN' ? Promise.resolve() : setLocale(locale)
}
