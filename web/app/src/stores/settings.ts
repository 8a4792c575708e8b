import { applyElder, applyTheme, type Theme } from '@guiqian/shared/theme'
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'

const STORE = 'guiqian.settings'

interface Stored {
  theme: Theme
  elder: boolean
}

function read(): Stored {
  const fallback: Stored = { theme: 'system', elder: false }
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORE) ?? '{}')
    if (typeof value !== 'object' || value === null) return fallback
    const theme =
      'theme' in value && (value.theme === 'light' || value.theme === 'dark') ? value.theme : 'system'
    return { theme, elder: 'elder' in value && value.elder === true }
  } catch {
    return fallback
  }
}

/** How this phone shows things; kept on the phone. */
export const useSettings = defineStore('settings', () => {
  const stored = read()
  const theme = ref<Theme>(stored.theme)
  const elder = ref(stored.elder)

  watch([theme, elder], () => {
    applyTheme(theme.value)
    applyElder(elder.value)
    try {
      localStorage.setItem(STORE, JSON.stringify({ theme: theme.value, elder: elder.value } satisfies Stored))
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  })

  return { theme, elder }
})
