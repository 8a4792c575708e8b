import '@guiqian/shared/tokens.css'
import '@guiqian/shared/base.css'
import '@guiqian/shared/desk/desk.css'
import { whenUnauthorised } from '@guiqian/shared/api'
import { theme } from './ui/theme'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, startLocale } from './i18n'
import { router } from './router'
import { forget } from './session'

theme.start()
whenUnauthorised(() => {
  forget()
  const { fullPath, name } = router.currentRoute.value
  if (name && name !== 'login') void router.push({ name: 'login', query: { next: fullPath } })
})
void startLocale().then(() => createApp(App).use(i18n).use(router).mount('#app'))
