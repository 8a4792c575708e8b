import '@guiqian/shared/tokens.css'
import '@guiqian/shared/base.css'
import '@guiqian/shared/desk/desk.css'
import { whenUnauthorised } from '@guiqian/shared/api'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, startLocale } from './i18n'
import { loginFor } from './login'
import { router } from './router'
import { forget } from './session'
import { theme } from './ui/theme'

theme.start()
whenUnauthorised(() => {
  forget()
  if (router.currentRoute.value.meta.personal) loginFor(router.currentRoute.value.fullPath)
})
void startLocale().then(() => createApp(App).use(i18n).use(router).mount('#app'))
