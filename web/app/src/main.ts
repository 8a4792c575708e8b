import '@guiqian/shared/tokens.css'
import '@guiqian/shared/base.css'
import 'vant/es/style/base.css'
import 'vant/es/overlay/index.css'
import 'vant/es/popup/index.css'
import 'vant/es/swipe-cell/index.css'
import 'vant/es/toast/index.css'
import './app.css'
import { whenUnauthorised } from '@guiqian/shared/api'
import { startTheme } from '@guiqian/shared/theme'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { registerSW } from 'virtual:pwa-register'
import App from './App.vue'
import { i18n, startLocale } from './i18n'
import { router } from './router'
import { useSession } from './stores/session'
import { useSettings } from './stores/settings'

const pinia = createPinia()
const settings = useSettings(pinia)
startTheme(settings.theme, settings.elder)

whenUnauthorised(() => {
  const session = useSession(pinia)
  if (!session.me) return
  session.forget()
  void router.replace({ name: 'login', query: { next: router.currentRoute.value.fullPath } })
})

void startLocale().finally(() => {
  createApp(App).use(pinia).use(i18n).use(router).mount('#app')
})

registerSW({ immediate: true })
