// 账号与安全: password, logins, another number under the certificate password, clearing the cache, the end of the account.
import { codeTo, sendCode } from '../src/codes.ts'
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import type { Phone } from '../src/phone.ts'

const PASSWORD = 'guihua-2026'

const visit = (phone: Phone, platform: string, path: string) => phone.page.goto(platform + path)

/** IndexedDB as it is, not as the app tells. */
const sharesHeld = (phone: Phone): Promise<number> =>
  phone.page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('guiqian-device')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const count = opening.result.transaction('keys').objectStore('keys').count()
          count.onsuccess = () => {
            opening.result.close()
            resolve(count.result)
          }
        }
      }),
  )

test('a password, the list of logins, and a forgotten password', async ({ stack, newPhone }) => {
  const phone = await newPhone()
  await journey.register(phone)
  await phone.by('tab-me').click()
  await phone.page.locator('a[href="/me/account"]').click()
  await phone.shot('account')
  await phone.by('account-password').click()
  await phone.by('password-new').fill('12345678')
  await phone.by('password-again').fill('12345678')
  await phone.by('password-save').click()
  await phone.shot('account-password-weak')
  await phone.by('password-new').fill(PASSWORD)
  await phone.by('password-again').fill(PASSWORD)
  await phone.by('password-save').click()
  await expect(phone.by('password-done')).toBeVisible()
  await phone.by('password-finish').click()

  // A second login, without the app.
  const second = await fetch(`${stack.platform}/api/sessions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0',
    },
    body: JSON.stringify({ phone: phone.person.phone, password: PASSWORD, agreed: true }),
  })
  expect(second.status).toBe(201)
  await visit(phone, stack.platform, '/me/account/sessions')
  await expect(phone.by('session-row')).toHaveCount(2)
  await phone.shot('account-sessions')
  await phone.by('session-end').click()
  await phone.by('session-end-confirm').click()
  await expect(phone.by('session-row')).toHaveCount(1)
  const cookie = second.headers.get('set-cookie')!.split(';')[0]!
  expect((await fetch(`${stack.platform}/api/me`, { headers: { cookie } })).status).toBe(401)

  await visit(phone, stack.platform, '/me')
  await phone.by('logout').click()
  await phone.by('logout-confirm').click()
  await phone.by('segment-password').click()
  await phone.by('login-phone').fill(phone.person.phone)
  await phone.by('login-password').fill('not the password 1')
  await phone.page
    .locator('label')
    .filter({ has: phone.by('login-agree') })
    .click()
  await phone.by('login-submit').click()
  await expect(phone.page.getByRole('alert')).toBeVisible()
  await phone.shot('login-password')
  await phone.by('login-password').fill(PASSWORD)
  await phone.by('login-submit').click()
  await expect(phone.by('guide-verify')).toBeVisible()

  await phone.page.context().clearCookies()
  await visit(phone, stack.platform, '/login')
  await phone.by('segment-password').click()
  await phone.by('login-phone').fill(phone.person.phone)
  await phone.by('login-forgot').click()
  await phone.shot('password-reset')
  await phone.by('reset-code').fill(await sendCode(phone, 'reset-send-code', phone.person.phone))
  await phone.by('reset-password').fill('osmanthus 77')
  await phone.by('reset-save').click()
  await expect(phone.by('reset-done')).toBeVisible()
})

test('the cache goes, the key stays, the number changes, the account ends', async ({ stack, newPhone }) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  expect(await sharesHeld(phone)).toBe(1)

  await test.step('清理缓存', async () => {
    await visit(phone, stack.platform, '/me/settings')
    await phone.by('clear-cache').click()
    await phone.shot('settings-cache')
    await expect.poll(() => phone.page.evaluate(async () => (await caches.keys()).length)).toBe(0)
    expect(await sharesHeld(phone)).toBe(1)
  })

  const number = `137${phone.person.phone.slice(3)}`
  await test.step('更换手机号', async () => {
    await visit(phone, stack.platform, '/me/account/phone')
    await phone.by('phone-new').fill(number)
    await phone.by('phone-send-code').click()
    await phone.by('phone-code').fill(await codeTo(phone, number, 0))
    await phone.by('phone-by-pin').check()
    await phone.shot('account-phone')
    await phone.by('phone-save').click()
    await phone.shot('account-phone-pin')
    await phone.enterPin(phone.person.pin)
    await expect(phone.by('phone-done')).toBeVisible({ timeout: 30_000 })
    await phone.shot('account-phone-done')
  })

  await test.step('注销账号', async () => {
    await visit(phone, stack.platform, '/me/account/deletion')
    await expect(phone.by('deletion-agree')).toBeVisible()
    await phone.shot('account-deletion')
    const code = await sendCode(phone, 'deletion-send-code', number)
    await phone.by('deletion-agree').check()
    await phone.by('deletion-code').fill(code)
    await phone.by('deletion-next').click()
    await phone.shot('account-deletion-ask')
    await phone.by('deletion-confirm').click()
    await expect(phone.by('deletion-done')).toBeVisible()
    await phone.by('deletion-finish').click()
    await expect(phone.by('login-phone')).toBeVisible()
  })
})

test('what the camera is for is said before the browser asks', async ({ stack, newPhone }) => {
  const phone = await newPhone()
  await journey.register(phone)
  // The tests' browser never asks; this one says that it would.
  await phone.page.addInitScript(() => {
    navigator.permissions.query = () => Promise.resolve({ state: 'prompt' } as PermissionStatus)
  })
  await visit(phone, stack.platform, '/scan')
  await expect(phone.by('camera-explained')).toBeVisible()
  await phone.shot('scan-camera-explained')
  await phone.by('camera-allow').click()
  await expect(phone.by('scan-page')).toHaveAttribute('data-camera', 'on')
})

test('the download centre shows its address as a code and as text', async ({ stack, newPhone, newPc }) => {
  const pc = await newPc(`${stack.platform}/download`)
  await expect(pc.by('install-qr')).toHaveAttribute('data-code', `${stack.platform}/`)
  await expect(pc.by('install-address')).toHaveText(`${stack.platform}/`)
  await pc.shot('install')
  const phone = await newPhone()
  await phone.by('login-install').click()
  await expect(phone.by('install-page')).toBeVisible()
  await phone.shot('install')
})
