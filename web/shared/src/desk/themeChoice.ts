// Light, dark or as the system says; remembered in this browser.
import { ref } from 'vue'
import { applyTheme, startTheme, type Theme } from '../theme'

const ORDER: readonly Theme[] = ['system', 'light', 'dark']

export const themeChoice = ref<Theme>('system')

/** The choice that a site keeps under the name `store`. */
export function makeThemeChoice(store: string) {
  function saved(): Theme {
    try {
      return ORDER.find((theme) => theme === localStorage.getItem(store)) ?? 'system'
    } catch {
      return 'system'
    }
  }

  return {
    start(): void {
      themeChoice.value = saved()
      startTheme(themeChoice.value)
    },
    next(): void {
      themeChoice.value = ORDER[(ORDER.indexOf(themeChoice.value) + 1) % ORDER.length] ?? 'system'
      applyTheme(themeChoice.value)
      try {
        localStorage.setItem(store, themeChoice.value)
      } catch {
        // Private browsing: the choice lasts as long as the page.
      }
    },
  }
}
