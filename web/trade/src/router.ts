import { createRouter, createWebHistory } from 'vue-router'
import LandingView from './landing/LandingView.vue'
import { loginFor } from './login'
import { ready, user } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Only for those who are logged in; others see the scan dialog over the page they came from. */
    personal?: boolean
    title?: string
    /** The page fills the window and scrolls inside. */
    full?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', name: 'home', component: LandingView, meta: { title: 'nav.home' } },
    {
      path: '/documents',
      name: 'documents',
      component: () => import('./documents/DocumentsView.vue'),
      meta: { personal: true, title: 'nav.documents' },
    },
    {
      path: '/documents/:id',
      name: 'document',
      component: () => import('./document/DocumentView.vue'),
      props: true,
      meta: { personal: true, title: 'nav.documents', full: true },
    },
    {
      path: '/verify',
      name: 'verify',
      component: () => import('./verify/VerifyView.vue'),
      meta: { title: 'nav.verify' },
    },
    { path: '/:path(.*)*', name: 'missing', component: () => import('./ui/MissingView.vue') },
  ],
})

router.beforeEach(async (to) => {
  // When the server cannot be asked the page opens and says so itself.
  await ready().catch(() => undefined)
  if (!to.meta.personal || user.value) return true
  loginFor(to.fullPath)
  return { name: 'home' }
})
