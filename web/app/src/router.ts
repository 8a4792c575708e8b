import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { useSession } from './stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** One of the five places: shows the bar at the bottom. */
    tab?: boolean
    /** May be seen without logging in. */
    open?: boolean
    /** Texts key for the document's title. */
    title?: string
  }
}

const routes: RouteRecordRaw[] = [
  {
    path: '/login',
    name: 'login',
    component: () => import('./views/login/LoginView.vue'),
    meta: { open: true, title: 'login.title' },
  },
  {
    path: '/terms/:which(agreement|privacy)',
    name: 'terms',
    component: () => import('./views/login/TermsView.vue'),
    meta: { open: true, title: 'terms.title' },
  },

  {
    path: '/password-reset',
    name: 'password-reset',
    component: () => import('./views/login/PasswordResetView.vue'),
    meta: { open: true, title: 'account.password_reset' },
  },
  {
    path: '/download',
    name: 'install',
    component: () => import('./views/install/InstallView.vue'),
    meta: { open: true, title: 'install.title' },
  },

  {
    path: '/',
    name: 'home',
    component: () => import('./views/home/HomeView.vue'),
    meta: { tab: true, title: 'tab.home' },
  },
  {
    path: '/certificates',
    name: 'certificates',
    component: () => import('./views/certificate/CertificatesView.vue'),
    meta: { tab: true, title: 'tab.certificates' },
  },
  {
    path: '/messages',
    name: 'messages',
    component: () => import('./views/message/MessagesView.vue'),
    meta: { tab: true, title: 'tab.messages' },
  },
  {
    path: '/me',
    name: 'me',
    component: () => import('./views/me/MeView.vue'),
    meta: { tab: true, title: 'tab.me' },
  },

  {
    path: '/verify',
    name: 'verify',
    component: () => import('./views/identity/VerifyView.vue'),
    meta: { title: 'identity.title' },
  },
  {
    path: '/verify/return',
    name: 'verify-return',
    component: () => import('./views/identity/VerifyReturnView.vue'),
    meta: { title: 'identity.title' },
  },

  {
    path: '/apply',
    name: 'apply',
    component: () => import('./views/application/ApplyView.vue'),
    meta: { title: 'application.apply' },
  },
  {
    path: '/applications',
    name: 'applications',
    component: () => import('./views/application/ApplicationsView.vue'),
    meta: { title: 'application.mine' },
  },
  {
    path: '/applications/:id',
    name: 'application',
    component: () => import('./views/application/ApplicationView.vue'),
    meta: { title: 'application.detail' },
  },
  {
    path: '/applications/:id/edit',
    name: 'application-edit',
    component: () => import('./views/application/ApplicationEditView.vue'),
    meta: { title: 'application.apply' },
  },
  {
    path: '/applications/:id/download',
    name: 'download',
    component: () => import('./views/certificate/DownloadView.vue'),
    meta: { title: 'download.title' },
  },

  {
    path: '/applications/:id/letter',
    name: 'letter',
    component: () => import('./views/application/LetterView.vue'),
    meta: { title: 'letter.title' },
  },

  {
    path: '/enterprises',
    name: 'enterprise-search',
    component: () => import('./views/enterprise/SearchView.vue'),
    meta: { title: 'search.title' },
  },
  {
    path: '/enterprises/:id',
    name: 'enterprise',
    component: () => import('./views/enterprise/EnterpriseView.vue'),
    meta: { title: 'enterprise.profile' },
  },
  {
    path: '/enterprises/:id/members',
    name: 'enterprise-people',
    component: () => import('./views/people/MembersView.vue'),
    meta: { title: 'people.title' },
  },
  {
    path: '/enterprises/:id/members/new',
    name: 'enterprise-invite',
    component: () => import('./views/people/InviteView.vue'),
    meta: { title: 'people.invite' },
  },
  {
    path: '/enterprises/:id/members/:account',
    name: 'enterprise-member',
    component: () => import('./views/people/MemberView.vue'),
    meta: { title: 'people.member' },
  },
  {
    path: '/enterprises/:id/authorisations',
    name: 'enterprise-authorisations',
    component: () => import('./views/people/AuthorisationsView.vue'),
    meta: { title: 'authorisation.title' },
  },
  {
    path: '/enterprises/:id/authorisations/new',
    name: 'enterprise-authorisation-new',
    component: () => import('./views/people/AuthorisationNewView.vue'),
    meta: { title: 'authorisation.new' },
  },
  {
    path: '/enterprises/:id/authorisations/:by(platform|person)/:key',
    name: 'enterprise-authorisation-group',
    component: () => import('./views/people/AuthorisationGroupView.vue'),
    meta: { title: 'authorisation.title' },
  },
  {
    path: '/enterprises/:id/seals',
    name: 'enterprise-seals',
    component: () => import('./views/people/SealsView.vue'),
    meta: { title: 'profile.seals' },
  },
  {
    path: '/authorisations',
    name: 'my-authorisations',
    component: () => import('./views/people/MyAuthorisationsView.vue'),
    meta: { title: 'authorisation.mine' },
  },
  {
    path: '/invitations/:id',
    name: 'invitation',
    component: () => import('./views/enterprise/InvitationView.vue'),
    meta: { title: 'invitation.title' },
  },

  {
    path: '/certificates/recover',
    name: 'certificate-recover',
    component: () => import('./views/certificate/RecoverView.vue'),
    meta: { title: 'recover.title' },
  },
  {
    path: '/certificates/:id',
    name: 'certificate',
    component: () => import('./views/certificate/CertificateView.vue'),
    meta: { title: 'certificate.detail' },
  },
  {
    path: '/certificates/:id/pin',
    name: 'certificate-pin',
    component: () => import('./views/certificate/PinView.vue'),
    meta: { title: 'life.change' },
  },
  {
    path: '/certificates/:id/encryption',
    name: 'certificate-encryption',
    component: () => import('./views/certificate/EncryptionView.vue'),
    meta: { title: 'encryption.title' },
  },
  {
    path: '/certificates/:id/recovery/:recovery?',
    name: 'certificate-recovery',
    component: () => import('./views/certificate/RecoveryView.vue'),
    meta: { title: 'life.reset' },
  },
  {
    path: '/certificates/:id/revoke',
    name: 'certificate-revoke',
    component: () => import('./views/certificate/RevokeView.vue'),
    meta: { title: 'life.revoke' },
  },
  {
    path: '/certificates/:id/uses',
    name: 'certificate-uses',
    component: () => import('./views/log/UsesView.vue'),
    meta: { title: 'uses.title' },
  },
  {
    path: '/messages/:id',
    name: 'message',
    component: () => import('./views/message/MessageView.vue'),
    meta: { title: 'message.detail' },
  },

  {
    path: '/scan',
    name: 'scan',
    component: () => import('./views/scan/ScanView.vue'),
    meta: { title: 'tab.scan' },
  },
  {
    path: '/s',
    name: 'scan-link',
    component: () => import('./views/scan/ScanLinkView.vue'),
    meta: { title: 'tab.scan' },
  },
  {
    path: '/requests/:id',
    name: 'request',
    component: () => import('./views/scan/RequestView.vue'),
    meta: { title: 'request.title' },
  },

  {
    path: '/me/settings',
    name: 'settings',
    component: () => import('./views/me/SettingsView.vue'),
    meta: { title: 'settings.title', open: true },
  },
  {
    path: '/me/account',
    name: 'account',
    component: () => import('./views/account/AccountView.vue'),
    meta: { title: 'account.title' },
  },
  {
    path: '/me/account/password',
    name: 'account-password',
    component: () => import('./views/account/PasswordView.vue'),
    meta: { title: 'account.password' },
  },
  {
    path: '/me/account/phone',
    name: 'account-phone',
    component: () => import('./views/account/PhoneView.vue'),
    meta: { title: 'account.phone' },
  },
  {
    path: '/me/account/sessions',
    name: 'account-sessions',
    component: () => import('./views/account/SessionsView.vue'),
    meta: { title: 'account.sessions' },
  },
  {
    path: '/me/account/deletion',
    name: 'account-deletion',
    component: () => import('./views/account/DeletionView.vue'),
    meta: { title: 'account.deletion' },
  },
  {
    path: '/me/devices',
    name: 'devices',
    component: () => import('./views/me/DevicesView.vue'),
    meta: { title: 'device.title' },
  },
  {
    path: '/me/help',
    name: 'help',
    component: () => import('./views/support/HelpView.vue'),
    meta: { title: 'help.title', open: true },
  },
  {
    path: '/me/help/:slug',
    name: 'help-article',
    component: () => import('./views/support/ArticleView.vue'),
    meta: { title: 'help.title', open: true },
  },
  {
    path: '/me/assistant',
    name: 'assistant',
    component: () => import('./views/support/AssistantView.vue'),
    meta: { title: 'assistant.title', open: true },
  },
  {
    path: '/me/feedback',
    name: 'feedback-list',
    component: () => import('./views/support/FeedbackListView.vue'),
    meta: { title: 'feedback.title' },
  },
  {
    path: '/me/feedback/new',
    name: 'feedback-new',
    component: () => import('./views/support/FeedbackNewView.vue'),
    meta: { title: 'feedback.new' },
  },
  {
    path: '/me/feedback/:id',
    name: 'feedback',
    component: () => import('./views/support/FeedbackView.vue'),
    meta: { title: 'feedback.detail' },
  },
  {
    path: '/me/about',
    name: 'about',
    component: () => import('./views/me/AboutView.vue'),
    meta: { title: 'about.title', open: true },
  },

  {
    path: '/:rest(.*)*',
    name: 'missing',
    component: () => import('./views/home/MissingView.vue'),
    meta: { open: true, title: 'state.missing' },
  },
]

export const router = createRouter({
  history: createWebHistory('/'),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.known) {
    // Without a network the shell still opens; each view says that it cannot load.
    await session.load().catch(() => undefined)
  }
  if (session.known && !session.me && !to.meta.open)
    return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (to.name === 'login' && session.me) return { path: '/' }
  return true
})
