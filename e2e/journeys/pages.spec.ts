// Every page once, in the looks that people choose: nothing throws, nothing is wider than the screen, pictures for the eye.
import type { Page } from '@playwright/test'
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import { shot } from '../src/shots.ts'

const ACCOUNT = [
  'settings',
  'account',
  'account-password',
  'account-phone',
  'account-sessions',
  'account-deletion',
  'password-reset',
  'install',
]

const PHONE = {
  home: '/',
  certificates: '/certificates',
  messages: '/messages',
  me: '/me',
  settings: '/me/settings',
  account: '/me/account',
  'account-password': '/me/account/password',
  'account-phone': '/me/account/phone',
  'account-sessions': '/me/account/sessions',
  'account-deletion': '/me/account/deletion',
  'password-reset': '/password-reset',
  install: '/download',
  devices: '/me/devices',
  help: '/me/help',
  about: '/me/about',
  apply: '/apply',
  'enterprise-search': '/enterprises',
  applications: '/applications',
  scan: '/scan',
  agreement: '/terms/agreement',
  privacy: '/terms/privacy',
  missing: '/no/such/page',
}

test('every page stands at its size, light and dark, large type and English', async ({
  stack,
  newPhone,
  newPc,
}) => {
  // Some forty pages in four looks each, every one read by axe.
  test.setTimeout(480_000)
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const first = async (list: string) =>
    (await phone.api<{ items: { id: string }[] }>(`/api/${list}`)).items
      .map((item) => `/${list}/${item.id}`)
      .slice(0, 1)
  const details = (await Promise.all(['certificates', 'applications', 'messages'].map(first))).flat()
  const pages = {
    ...PHONE,
    ...Object.fromEntries(details.map((path) => [path.split('/')[1]!.slice(0, -1), path])),
  }

  for (const [name, path] of Object.entries(pages)) {
    await test.step(`phone ${name}`, async () => {
      await visit(phone.page, stack.platform + path)
      await shot(phone.page, 'phone', `page-${name}`)
    })
  }
  for (const [look, settings] of Object.entries({
    dark: { theme: 'dark', elder: false },
    elder: { theme: 'light', elder: true },
  })) {
    await phone.page.evaluate(
      (value) => localStorage.setItem('guiqian.settings', value),
      JSON.stringify(settings),
    )
    for (const name of [
      'home',
      'me',
      'certificates',
      'certificate',
      'application',
      'scan',
      'enterprise-search',
      ...ACCOUNT,
    ]) {
      await test.step(`phone ${name}, ${look}`, async () => {
        const path = (pages as Record<string, string>)[name]
        await visit(phone.page, stack.platform + path)
        await shot(phone.page, 'phone', `look-${look}-${name}`)
      })
    }
  }

  await phone.page.evaluate(() => {
    localStorage.removeItem('guiqian.settings')
    localStorage.setItem('guiqian.locale', 'en')
  })
  for (const name of ACCOUNT) {
    await test.step(`phone ${name}, English`, async () => {
      await visit(phone.page, stack.platform + (pages as Record<string, string>)[name])
      await shot(phone.page, 'phone', `look-english-${name}`)
    })
  }

  await test.step('trading platform', async () => {
    const trade = await newPc(`${stack.trade}/`)
    await visit(trade.page, `${stack.trade}/`)
    await trade.shot('page-landing')
    await visit(trade.page, `${stack.trade}/verify`)
    await trade.shot('page-verify')
    await visit(trade.page, `${stack.trade}/no/such/page`)
    await trade.shot('page-missing')
  })

  await test.step('sandbox', async () => {
    const sandbox = await newPc(`${stack.platform}/sandbox`)
    await visit(sandbox.page, `${stack.platform}/sandbox`)
    await sandbox.shot('page-sandbox')
  })
})

async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.waitForLoadState('load')
  // Skeletons give way to content.
  await page.waitForTimeout(500)
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth] as const)
  expect(width[0], `${address} is wider than the screen`).toBeLessThanOrEqual(width[1])
  await expect(page.locator('body')).not.toBeEmpty()
}
