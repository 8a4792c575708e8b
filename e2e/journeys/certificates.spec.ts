// The life of a certificate: its PIN changed and recovered, put on hold and resumed, revoked; a phone logged out.
import { sendCode } from '../src/codes.ts'
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import type { Pc } from '../src/pc.ts'
import type { Phone } from '../src/phone.ts'

const NEW_PIN = '517203'
const LAST_PIN = '860497'

/** Opens the one certificate of this phone the way a person does. */
async function openCertificate(phone: Phone): Promise<void> {
  await phone.goHome()
  await phone.by('tab-certificates').click()
  await phone.by('certificate-card').first().click()
  await expect(phone.by('certificate-history')).toBeVisible()
}

/** The same page in English, for people to look at; then back. */
async function inEnglish(phone: Phone, name: string): Promise<void> {
  const speak = async (locale: string) => {
    await phone.page.evaluate((to) => localStorage.setItem('guiqian.locale', to), locale)
    await phone.page.reload()
  }
  await speak('en')
  await phone.page.waitForLoadState('networkidle')
  await phone.shot(`${name}-en`)
  await speak('zh-CN')
}

async function twice(phone: Phone, pin: string): Promise<void> {
  await expect(phone.by('pin-page')).toHaveAttribute('data-phase', 'set')
  await phone.enterPin(pin)
  await expect(phone.by('pin-page')).toHaveAttribute('data-phase', 'again')
  await phone.enterPin(pin)
}

/** Scans the login of a trading platform and enters this PIN. */
async function tryLogin(phone: Phone, pc: Pc, pin: string): Promise<void> {
  await pc.by('login-scan-open').click()
  await journey.scan(phone, pc)
  await journey.confirmWithPin(phone, pin)
}

test('the PIN is changed, and after it is forgotten set anew; the certificate stays', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const before = (await phone.api<{ items: { serial: string }[] }>('/api/certificates')).items[0]

  await test.step('修改证书密码', async () => {
    await openCertificate(phone)
    await phone.shot('certificate-active')
    await inEnglish(phone, 'certificate-active')
    await phone.by('link-pin').click()
    await expect(phone.by('pin-page')).toHaveAttribute('data-phase', 'old')
    await phone.shot('certificate-pin-old')
    await inEnglish(phone, 'certificate-pin-old')
    await phone.enterPin('295038')
    await phone.enterPin('111111')
    await expect(phone.by('pin-note')).toBeVisible()
    await phone.shot('certificate-pin-weak')
    await twice(phone, NEW_PIN)
    // The PIN that was entered as the old one is not it: that is found out when the halves are exchanged.
    await expect(phone.by('pin-note')).toContainText('4', { timeout: 30_000 })
    await phone.shot('certificate-pin-wrong')
    await phone.enterPin(phone.person.pin)
    await expect(phone.by('pin-done')).toBeVisible({ timeout: 30_000 })
    await phone.shot('certificate-pin-done')
    await phone.by('pin-finish').click()
    await expect(phone.by('certificate-history')).toContainText('修改证书密码')
    await phone.by('certificate-history').scrollIntoViewIfNeeded()
    await phone.shot('certificate-history')
  })

  await test.step('the new one signs, the old one does not', async () => {
    const trade = await newPc(`${stack.trade}/`)
    await tryLogin(phone, trade, phone.person.pin)
    await expect(phone.by('pin-note')).toContainText('4', { timeout: 30_000 })
    await phone.enterPin(NEW_PIN)
    await expect(trade.by('upload-input')).toBeAttached({ timeout: 30_000 })
  })

  await test.step('忘记证书密码', async () => {
    await openCertificate(phone)
    await phone.by('link-recovery').click()
    await phone.shot('certificate-recovery')
    await inEnglish(phone, 'certificate-recovery')
    await phone.by('recovery-code').fill(await sendCode(phone, 'recovery-send-code'))
    await phone.by('recovery-next').click()
    await expect(phone.by('recovery-face')).toBeVisible()
    await phone.shot('certificate-recovery-face')
    await phone.by('recovery-next').click()
    await phone.page.waitForURL(/\/sandbox\/face\//)
    await phone.by('face-passed').click()
    await twice(phone, LAST_PIN)
    await expect(phone.by('pin-done')).toBeVisible({ timeout: 30_000 })
    await phone.shot('certificate-recovery-done')
    const after = (await phone.api<{ items: { serial: string }[] }>('/api/certificates')).items[0]
    expect(after?.serial).toBe(before?.serial)
    const trade = await newPc(`${stack.trade}/`)
    await tryLogin(phone, trade, LAST_PIN)
    await expect(trade.by('upload-input')).toBeAttached({ timeout: 30_000 })
  })
})

test('a reviewer holds and resumes, then the owner revokes and a scan is refused', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const console = await newPc(`${stack.platform}/console/`)
  await journey.logInAsReviewer(console, stack)
  await console.page.goto(`${stack.platform}/console/certificates?q=${encodeURIComponent(phone.person.name)}`)
  // Names may repeat among test persons: the newest is on top.
  const row = console.by('certificate-row').first()

  async function decide(act: string, reason: string): Promise<void> {
    await row.getByTestId(`certificate-${act}`).click()
    await console.by('certificate-reason').fill(reason)
    await console.shot(`console-certificate-${act}`)
    await console.by('confirm').click()
    await expect(console.by('certificate-reason')).toBeHidden()
  }

  await test.step('暂停', async () => {
    await openCertificate(phone)
    await console.shot('console-certificates')
    await decide('suspend', '持有人来电挂失，待核实')
    await expect(row.getByTestId('certificate-state')).toHaveText('已暂停')
    await console.shot('console-certificate-suspended')
    await expect(phone.by('certificate-suspended')).toBeVisible()
    await phone.shot('certificate-suspended')
    await inEnglish(phone, 'certificate-suspended')
  })

  await test.step('恢复', async () => {
    await decide('resume', '已核实持有人身份')
    await expect(row.getByTestId('certificate-state')).toHaveText('有效')
    await expect(phone.by('certificate-suspended')).toBeHidden()
    await expect(phone.by('link-revoke')).toBeVisible()
  })

  await test.step('注销', async () => {
    const trade = await newPc(`${stack.trade}/`)
    await trade.by('login-scan-open').click()
    await openCertificate(phone)
    await phone.by('link-revoke').click()
    await expect(phone.by('revoke-agree')).toBeVisible()
    await phone.shot('certificate-revoke')
    await inEnglish(phone, 'certificate-revoke')
    await phone.by('revoke-superseded').check()
    await phone.by('revoke-agree').check()
    await phone.by('revoke-next').click()
    await phone.shot('certificate-revoke-pin')
    await phone.enterPin('295038')
    await expect(phone.by('pin-note')).toContainText('4', { timeout: 30_000 })
    await phone.enterPin(phone.person.pin)
    await expect(phone.by('revoke-done')).toBeVisible({ timeout: 30_000 })
    await phone.shot('certificate-revoke-done')
    await phone.by('revoke-finish').click()
    await expect(phone.by('certificate-revoked')).toBeVisible()
    await expect(phone.by('certificate-card')).toContainText('已注销')
    await phone.shot('certificate-revoked')
    const { items } = await phone.api<{ items: { state: string }[] }>('/api/certificates?state=ended')
    expect(items.map((item) => item.state)).toEqual(['revoked'])
    // Without a certificate the request cannot be confirmed.
    phone.camera.pointAt(trade.by('scan-qr'))
    await phone.goHome()
    await phone.by('scan-open').click()
    await expect(phone.page.getByText('没有可用的证书')).toBeVisible({ timeout: 30_000 })
    await phone.camera.lookAway()
    await phone.shot('certificate-revoked-scan')
    await expect(trade.by('upload-input')).toBeHidden()
  })
})

test('a phone is logged out for ever, and its certificate ends with it', async ({ stack, newPhone }) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  await phone.goHome()
  await phone.by('tab-me').click()
  await phone.page.locator('a[href="/me/devices"]').click()
  await expect(phone.by('device-row')).toHaveAttribute('data-here', 'true')
  await phone.shot('devices')
  await inEnglish(phone, 'devices')
  await phone.by('device-end').click()
  const code = await sendCode(phone, 'device-send-code')
  await phone.by('device-code').fill(code)
  await phone.shot('devices-end')
  await phone.by('device-confirm').click()
  await expect(phone.by('login-phone')).toBeVisible()
  expect((await phone.page.request.get(`${stack.platform}/api/me`)).status()).toBe(401)
})
