import { createRouter, createWebHistory } from 'vue-router'
import { ready, reviewer } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
  }
}

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    { path: '/', redirect: '/applications' },
    {
      path: '/login',
      name: 'login',
      component: () => import('./login/LoginView.vue'),
      meta: { title: 'login.title' },
    },
    {
      path: '/applications/:id?',
      name: 'applications',
      component: () => import('./applications/QueueView.vue'),
      props: true,
      meta: { title: 'nav.applications' },
    },
    {
      path: '/certificates',
      name: 'certificates',
      component: () => import('./certificates/CertificatesView.vue'),
      meta: { title: 'nav.certificates' },
    },
    {
      path: '/audit',
      name: 'audit',
      component: () => import('./audit/AuditView.vue'),
      meta: { title: 'nav.audit' },
    },
    { path: '/:path(.*)*', name: 'missing', component: () => import('./ui/MissingView.vue') },
  ],
})

router.beforeEach(async (to) => {
  // When the server cannot be asked the page opens and says so itself.
  await ready().catch(() => undefined)
  if (to.name === 'login') return reviewer.value ? { name: 'applications' } : true
  return reviewer.value === null ? { name: 'login', query: { next: to.fullPath } } : true
})
