import { errorText } from '@guiqian/shared/api'
import type { Locale } from '@guiqian/shared/format'
import { pickText } from '@guiqian/shared/i18n'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

/** Translation and everything that depends on the language. */
export function useTexts() {
  const { t, te, locale } = useI18n()
  return {
    t,
    te,
    locale: computed<Locale>(() => (locale.value === 'en' ? 'en' : 'zh-CN')),
    pick: (zh: string, en?: string | null) => pickText(locale.value, zh, en),
    say: (error: unknown) => errorText(error, locale.value),
  }
}
