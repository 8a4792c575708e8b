// What people do, in the words of the manual. Each function begins and ends on a page that a person would be on.
import { readFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import { sendCode } from './codes.ts'
import { agreement } from './documents.ts'
import type { Pc } from './pc.ts'
import type { Phone } from './phone.ts'
import { approveFor } from './reviewer.ts'
import type { Stack } from './stack.ts'
import { record } from './timing.ts'

type Pages = 'with pictures' | 'quietly'

/** 注册: phone number, code from the sandbox's outbox, consent. */
export async function register(phone: Phone, pages: Pages = 'quietly'): Promise<void> {
  await expect(phone.by('login-phone')).toBeVisible()
  if (pages === 'with pictures') await phone.shot('01-login')
  await phone.by('login-phone').fill(phone.person.phone)
  // The box itself is drawn; a person taps its label.
  await phone.page
    .locator('label')
    .filter({ has: phone.by('login-agree') })
    .click()
  await phone.by('login-code').fill(await sendCode(phone, 'login-send-code'))
  await phone.by('login-submit').click()
  await expect(phone.by('login-phone')).toBeHidden()
}

/** 去认证: name and number, then the provider's page, which asks 通过 or 不通过. */
export async function verify(phone: Phone, pages: Pages = 'quietly'): Promise<void> {
  await phone.by('guide-verify').click()
  await phone.by('verify-name').fill(phone.person.name)
  await phone.by('verify-id').fill(phone.person.idNumber)
  if (pages === 'with pictures') await phone.shot('03-verify')
  await phone.by('verify-start').click()
  await phone.page.waitForURL(/\/sandbox\/face\//)
  if (pages === 'with pictures') await phone.shot('04-face-provider')
  await phone.by('face-passed').click()
  await expect(phone.by('verify-passed')).toBeVisible()
  if (pages === 'with pictures') await phone.shot('05-verified')
  await expect.poll(async () => (await phone.api<{ verified: boolean }>('/api/me')).verified).toBe(true)
}

/** 去申请: institution, product, signature, submit. */
export async function apply(phone: Phone, institution: string, pages: Pages = 'quietly'): Promise<void> {
  await phone.goHome()
  await phone.by('guide-apply').click()
  await phone.by('apply-personal').click()
  await expect(phone.by('apply-start')).toBeVisible()
  if (pages === 'with pictures') await phone.shot('07-apply')
  await phone.by('apply-start').click()
  await phone.by(`institution-${institution}`).click()
  await phone.by('product-personal_certificate').first().click()
  if (pages === 'with pictures') await phone.shot('08-institution')
  await phone.by('step-next').click()
  await phone.by('signature-generate').click()
  await expect(phone.by('signature-preview')).toBeVisible()
  if (pages === 'with pictures') await phone.shot('09-signature')
  await phone.by('signature-save').click()
  await phone.by('step-next').click()
  await expect(phone.by('submit-application')).toBeVisible()
  if (pages === 'with pictures') await phone.shot('10-review')
  await phone.by('submit-application').click()
  await expect.poll(() => guide(phone)).toBe('wait')
}

/** 重新申请: the new draft holds what the refused one held. */
export async function submitAgain(phone: Phone): Promise<void> {
  await phone.by('resubmit').click()
  await phone.by('step-next').click()
  await expect(phone.by('signature-preview')).toBeVisible()
  await phone.by('step-next').click()
  await phone.by('submit-application').click()
  await expect.poll(() => guide(phone)).toBe('wait')
}

/** Opens the console and logs in as the demonstration reviewer. */
export async function logInAsReviewer(pc: Pc, stack: Stack): Promise<void> {
  const { username, password } = stack.reviewer()
  await pc.by('console-username').fill(username)
  await pc.by('console-password').fill(password)
  await pc.by('console-login').click()
  await expect(pc.by('console-login')).toBeHidden()
}

/** Opens the person's application from the queue. */
export async function openApplication(pc: Pc, phone: Phone): Promise<void> {
  await pc.by('queue-row').filter({ hasText: phone.person.name }).first().click()
  await expect(pc.by('approve')).toBeVisible()
}

export async function approve(pc: Pc): Promise<void> {
  await pc.by('approve').click()
  await sendNow(pc)
}

export async function refuse(pc: Pc, reason: string): Promise<void> {
  await pc.by('refuse').click()
  await pc.by('refuse-reason').fill(reason)
  await pc.by('confirm').click()
  await sendNow(pc)
}

/** A decision waits a few seconds, so that it can be taken back; this one shall not. */
async function sendNow(pc: Pc): Promise<void> {
  await pc.by('decision-now').click()
  await expect(pc.by('undo-bar')).toBeHidden()
}

/** 去下载: choose the certificate password twice; phone and server make the key together. */
export async function downloadCertificate(phone: Phone, pages: Pages = 'quietly'): Promise<void> {
  await expect.poll(() => guide(phone)).toBe('download')
  await phone.goHome()
  await phone.by('download-start').click()
  await expect(phone.by('pin-page')).toHaveAttribute('data-phase', 'set')
  if (pages === 'with pictures') await phone.shot('12-choose-pin')
  await phone.enterPin(phone.person.pin)
  await expect(phone.by('pin-page')).toHaveAttribute('data-phase', 'again')
  await phone.enterPin(phone.person.pin)
  await expect(phone.by('download-done')).toBeVisible({ timeout: 30_000 })
  expect(await guide(phone)).toBe('done')
}

/** Everything up to a certificate, with as little ado as possible. */
export async function certify(phone: Phone, stack: Stack): Promise<void> {
  await register(phone)
  await verify(phone)
  await apply(phone, 'guiyun')
  await approveFor(stack, phone.person.name)
  await downloadCertificate(phone)
}

/** Points the phone's camera at the code on the PC until the phone knows what is asked. */
export async function scan(phone: Phone, pc: Pc): Promise<void> {
  await expect(pc.by('scan-qr')).toBeVisible()
  phone.camera.pointAt(pc.by('scan-qr'))
  await openScanner(phone)
  await expect(phone.by('confirm-ok')).toBeVisible({ timeout: 30_000 })
  await phone.camera.lookAway()
  await sameCheckNumber(phone, pc)
}

/** Without a camera: the code's text, typed. */
export async function typeCode(phone: Phone, code: string): Promise<void> {
  await openScanner(phone)
  await phone.by('scan-manual').fill(code)
  await phone.by('scan-manual-submit').click()
}

async function openScanner(phone: Phone): Promise<void> {
  await phone.goHome()
  await phone.by('scan-open').click()
}

/** What the person is asked to compare by eye. */
async function sameCheckNumber(phone: Phone, pc: Pc): Promise<void> {
  // The number may stand there twice, once for the eye and once for a screen reader.
  const digits = async (text: Promise<string>) => /^(\d{4})\1?$/.exec((await text).replace(/\D/g, ''))?.[1]
  const onPhone = await digits(phone.by('check-number').innerText())
  expect(onPhone).toBeTruthy()
  expect(onPhone).toBe(await digits(pc.by('scan-check-number').innerText()))
}

/** 确认 and the certificate password. */
export async function confirmWithPin(phone: Phone, pin = phone.person.pin): Promise<void> {
  await phone.by('confirm-ok').click()
  await expect(phone.by('pin-1')).toBeVisible()
  await phone.enterPin(pin)
}

/** Logs in to the trading platform by scanning. */
export async function logInByScanning(phone: Phone, pc: Pc): Promise<void> {
  await pc.by('login-scan-open').click()
  await scan(phone, pc)
  await confirmWithPin(phone)
  await expect(pc.by('upload-input')).toBeAttached({ timeout: 20_000 })
}

/** Uploads a document and opens it. */
export async function upload(pc: Pc, title: string): Promise<void> {
  const file = await agreement(pc, title)
  await pc
    .by('upload-input')
    .setInputFiles({ name: `${title}.pdf`, mimeType: 'application/pdf', buffer: file })
  await expect(pc.by('page-1')).toBeVisible({ timeout: 20_000 })
}

/** Drags the seal from the tray onto the first page. */
export async function placeSeal(pc: Pc, x = 0.65, y = 0.7): Promise<void> {
  const seal = pc.by('seal-tray-item-0')
  await expect(seal).toBeVisible()
  const page = pc.by('page-1')
  const box = (await page.boundingBox())!
  const visible = Math.min(box.height, 880 - box.y)
  const from = (await seal.boundingBox())!
  await pc.page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
  await pc.page.mouse.down()
  await pc.page.mouse.move(box.x + box.width * x, box.y + visible * (y - 0.1), { steps: 8 })
  await pc.page.mouse.move(box.x + box.width * x, box.y + visible * y, { steps: 4 })
  await pc.page.mouse.up()
  await expect(pc.by('placed-row')).toHaveCount(1)
}

/** Asks for the signature, scans, confirms; the time from the last digit to the finished PDF goes into the report. */
export async function signByScanning(phone: Phone, pc: Pc, pages: Pages = 'quietly'): Promise<number> {
  await pc.by('sign-scan-start').click()
  await scan(phone, pc)
  // The phone has computed the document's digest itself and found it to be the one that is asked for.
  await expect(phone.by('document-checked')).toBeVisible()
  if (pages === 'with pictures') await phone.shot('17-confirm-sign')
  await phone.by('confirm-ok').click()
  await expect(phone.by('pin-1')).toBeVisible()
  await phone.enterPin(phone.person.pin.slice(0, -1))
  await phone.page.evaluate(() => performance.clearMeasures('device'))
  const started = performance.now()
  await phone.by(`pin-${phone.person.pin.at(-1)}`).click()
  await pc.by('download-signed').waitFor({ timeout: 30_000 })
  const took = Math.round(performance.now() - started)
  record('scan_to_sealed_pdf_ms', took)
  await expect(pc.by('scan-dialog')).toBeHidden()
  return took
}

/** What the PC saves to disk. */
export async function downloadSigned(pc: Pc): Promise<Buffer> {
  const waiting = pc.page.waitForEvent('download')
  await pc.by('download-signed').click()
  return readFileSync(await (await waiting).path())
}

/** The step that the home page urges next. */
export async function guide(phone: Phone): Promise<string> {
  return (await phone.api<{ guide: string }>('/api/me')).guide
}
