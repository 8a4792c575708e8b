import { createI18n } from 'vue-i18n'
import type { Locale } from './format'

/** Messages are nested records of strings. */
export type Messages = { [key: string]: string | Messages }

const STORE = 'guiqian.locale'

/** The language chosen earlier, else Chinese. */
export function initialLocale(): Locale {
  return readStored() === 'en' ? 'en' : 'zh-CN'
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORE)
  } catch {
    return null
  }
}

/** One i18n instance per page; `zh-CN` is complete, other languages may be loaded later with `loadLocale`. */
export function makeI18n(zh: Messages, locale: Locale = initialLocale()) {
  return createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'zh-CN',
    missingWarn: false,
    fallbackWarn: false,
    messages: { 'zh-CN': zh } as Record<string, Messages>,
  })
}

export type GuiqianI18n = ReturnType<typeof makeI18n>

/** Switches language, remembers it and marks the document for screen readers and hyphenation. */
export async function switchLocale(
  i18n: GuiqianI18n,
  locale: Locale,
  loaders: Partial<Record<Locale, () => Promise<Messages>>>,
): Promise<void> {
  const load = loaders[locale]
  if (load && !i18n.global.availableLocales.includes(locale))
    i18n.global.setLocaleMessage(locale, await load())
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  try {
    localStorage.setItem(STORE, locale)
  } catch {
    // Private browsing without storage: the choice lasts as long as the page.
  }
}

/** Texts that the server sends in both languages. */
export function pickText(locale: string, zh: string, en?: string | null): string {
  return locale === 'en' && en ? en : zh
}
