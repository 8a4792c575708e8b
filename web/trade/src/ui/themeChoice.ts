// Light, dark or as the system says; remembered in this browser.
import { applyTheme, startTheme, type Theme } from '@guiqian/shared/theme'
import { ref } from 'vue'

const STORE = 'guiqian.trade.theme'
const ORDER: readonly Theme[] = ['system', 'light', 'dark']

function saved(): Theme {
  try {
    return ORDER.find((t) => t === localStorage.getItem(STORE)) ?? 'system'
  } catch {
    return 'system'
  }
}

export const themeChoice = ref<Theme>('system')

export function startSavedTheme(): void {
  themeChoice.value = saved()
  startTheme(themeChoice.value)
}

export function nextTheme(): void {
  themeChoice.value = ORDER[(ORDER.indexOf(themeChoice.value) + 1) % ORDER.length] ?? 'system'
  applyTheme(themeChoice.value)
  try {
    localStorage.setItem(STORE, themeChoice.value)
  } catch {
    // Private browsing: the choice lasts as long as the page.
  }
}
