/** Light, dark or as the system says; plus the large-type mode. Both are attributes on <html> that tokens.css reads. */
export type Theme = 'system' | 'light' | 'dark'

const media = () => window.matchMedia('(prefers-color-scheme: dark)')
let theme: Theme = 'system'

export function resolveTheme(choice: Theme, systemDark: boolean): 'light' | 'dark' {
  return choice === 'system' ? (systemDark ? 'dark' : 'light') : choice
}

function paint() {
  const resolved = resolveTheme(theme, media().matches)
  const root = document.documentElement
  root.dataset.theme = resolved
  // Vant and Element Plus look for these class names.
  root.classList.toggle('dark', resolved === 'dark')
  root.classList.toggle('van-theme-dark', resolved === 'dark')
  const bar = document.querySelector('meta[name="theme-color"]')
  if (bar) bar.setAttribute('content', getComputedStyle(root).getPropertyValue('--gq-page').trim())
}

export function applyTheme(choice: Theme): void {
  theme = choice
  paint()
}

export function applyElder(on: boolean): void {
  if (on) document.documentElement.dataset.elder = ''
  else delete document.documentElement.dataset.elder
}

/** Call once at start; follows the system from then on. */
export function startTheme(choice: Theme, elder = false): void {
  applyTheme(choice)
  applyElder(elder)
  media().addEventListener('change', paint)
}
