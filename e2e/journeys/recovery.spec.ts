// A phone is lost: its certificate is found again on a new one, and what was encrypted before still opens (manual 1.14).
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import { stampedPage } from '../src/documents.ts'
import * as enterprise from '../src/enterprise.ts'
import type { Phone } from '../src/phone.ts'
import { approveFor, reviewerOf } from '../src/reviewer.ts'

/** Has the encryption keys of this phone's certificate tested; how many opened. */
async function testDecryption(phone: Phone, name: string): Promise<string> {
  await phone.goHome()
  await phone.by('tab-certificates').click()
  await phone.by('certificate-card').first().click()
  await phone.by('link-encryption').click()
  await expect(phone.by('encryption-start')).toBeVisible()
  await phone.shot(name)
  await phone.by('encryption-start').click()
  await phone.enterPin(phone.person.pin)
  await expect(phone.by('encryption-done')).toBeVisible({ timeout: 30_000 })
  await phone.shot(`${name}-done`)
  return phone.by('encryption-done').innerText()
}

test('a certificate comes back on a new phone, with the key of earlier files; the old phone is dead', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const old = await newPhone()
  await journey.certify(old, stack)
  await test.step('解密正常', async () => {
    expect(await testDecryption(old, 'encryption')).toContain('1')
  })

  const phone = await newPhone(old.person)
  await test.step('换手机后登录，找回证书', async () => {
    await journey.register(phone)
    await expect(phone.by('home-recover')).toBeVisible()
    await phone.shot('recover-home')
    await phone.by('home-recover').click()
    await expect(phone.by('certificate-card')).toHaveCount(1)
    await phone.shot('recover-list')
    await phone.page.getByRole('button', { name: '找回到本机' }).click()
    await expect(phone.by('recover-face')).toBeVisible()
    await phone.shot('recover-face')
    await phone.by('recover-face').click()
    await phone.page.waitForURL(/\/sandbox\/face\//)
    await phone.by('face-passed').click()
    await expect(phone.by('recover-face-passed')).toBeVisible()
    await phone.by('step-next').click()
    const desk = await newPc('about:blank')
    await enterprise.attach(phone, 'application_form', await stampedPage(desk, '找回证书申请书'))
    await phone.shot('recover-form')
    await phone.by('step-next').click()
    await phone.shot('recover-review')
    await phone.by('submit-application').click()
    await expect(phone.page).toHaveURL(/\/applications\/[^/]+$/)
    await phone.shot('recover-waiting')
  })

  await test.step('两位审核员', async () => {
    await approveFor(stack, phone.person.name)
    await approveFor(stack, phone.person.name, await reviewerOf(stack, 'guiyun'), 'with_second_reviewer')
  })

  await test.step('下载', async () => {
    const { items } = await phone.api<{ items: { id: string; state: string }[] }>('/api/applications')
    const ready = items.find((one) => one.state === 'ready')
    expect(ready).toBeDefined()
    await phone.page.goto(`${stack.platform}/applications/${ready!.id}/download`)
    await expect(phone.by('pin-page')).toHaveAttribute('data-phase', 'set')
    await phone.enterPin(phone.person.pin)
    await expect(phone.by('pin-page')).toHaveAttribute('data-phase', 'again')
    await phone.enterPin(phone.person.pin)
    await expect(phone.by('download-done')).toBeVisible({ timeout: 30_000 })
    expect(await testDecryption(phone, 'encryption-recovered')).toContain('2')
  })

  await test.step('the old phone says so', async () => {
    await old.goHome()
    await expect(old.by('home-recover')).toBeVisible()
    const { items } = await old.api<{ items: { state: string }[] }>('/api/certificates')
    expect(items.map((item) => item.state).toSorted()).toEqual(['active', 'revoked'])
    await old.by('tab-certificates').click()
    await old.shot('recover-old-phone')
  })
})
