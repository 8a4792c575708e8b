import type { ConsoleAct } from '@guiqian/shared/api'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { may, ready, reviewer } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    /** Who may not do this does not come here. */
    act?: ConsoleAct
  }
}

/** The pages in the order of the header. */
export const PAGES: readonly (RouteRecordRaw & { name: string; meta: { title: string; act: ConsoleAct } })[] =
  [
    {
      path: '/applications/:id?',
      name: 'applications',
      component: () => import('./applications/QueueView.vue'),
      props: true,
      meta: { title: 'nav.applications', act: 'read_applications' },
    },
    {
      path: '/certificates',
      name: 'certificates',
      component: () => import('./certificates/CertificatesView.vue'),
      meta: { title: 'nav.certificates', act: 'read_certificates' },
    },
    {
      path: '/faults/:id?',
      name: 'faults',
      component: () => import('./faults/FaultsView.vue'),
      props: true,
      meta: { title: 'nav.faults', act: 'read_faults' },
    },
    {
      path: '/statistics',
      name: 'statistics',
      component: () => import('./statistics/StatisticsView.vue'),
      meta: { title: 'nav.statistics', act: 'read_statistics' },
    },
    {
      path: '/feedback/:id?',
      name: 'feedback',
      component: () => import('./feedback/FeedbackView.vue'),
      props: true,
      meta: { title: 'nav.feedback', act: 'read_feedback' },
    },
    {
      path: '/institutions/:slug?',
      name: 'institutions',
      component: () => import('./institutions/InstitutionsView.vue'),
      props: true,
      meta: { title: 'nav.institutions', act: 'read_settings' },
    },
    {
      path: '/staff',
      name: 'staff',
      component: () => import('./staff/StaffView.vue'),
      meta: { title: 'nav.staff', act: 'read_reviewers' },
    },
    {
      path: '/audit',
      name: 'audit',
      component: () => import('./audit/AuditView.vue'),
      meta: { title: 'nav.audit', act: 'read_audit' },
    },
  ]

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
    ...PAGES,
    {
      path: '/account',
      name: 'account',
      component: () => import('./account/AccountView.vue'),
      meta: { title: 'nav.account' },
    },
    { path: '/:path(.*)*', name: 'missing', component: () => import('./ui/MissingView.vue') },
  ],
})

router.beforeEach(async (to) => {
  // When the server cannot be asked the page opens and says so itself.
  await ready().catch(() => undefined)
  if (to.name === 'login') return reviewer.value ? { name: 'applications' } : true
  if (reviewer.value === null) return { name: 'login', query: { next: to.fullPath } }
  return !reviewer.value || !to.meta.act || may(to.meta.act) || { name: 'applications' }
})
