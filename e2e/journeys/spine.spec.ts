// From a phone number to a sealed PDF that other people's software accepts: the newcomer's first five minutes.
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import { artifact, judge, saveCertificate, saveSigned } from '../src/outside.ts'

test('a newcomer registers, is certified, logs in by scanning and seals a PDF that others accept', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  const console = await newPc(`${stack.platform}/console/`)
  const trade = await newPc(`${stack.trade}/`)

  await test.step('register', async () => {
    await journey.register(phone, 'with pictures')
    await expect.poll(() => journey.guide(phone)).toBe('verify')
    await phone.shot('02-home-verify')
  })

  await test.step('prove who they are', async () => {
    await journey.verify(phone, 'with pictures')
    await phone.goHome()
    await expect(phone.by('guide-apply')).toBeVisible()
    await phone.shot('06-home-apply')
  })

  await test.step('apply', async () => {
    await journey.apply(phone, 'guiyun', 'with pictures')
    await phone.goHome()
    await expect(phone.by('guide-wait')).toBeVisible()
    await phone.shot('11-home-wait')
  })

  await test.step('the reviewer approves', async () => {
    await console.shot('01-console-login')
    await journey.logInAsReviewer(console, stack)
    await expect(console.by('queue-row').first()).toBeVisible()
    await console.shot('02-console-queue')
    await journey.openApplication(console, phone)
    await console.shot('03-console-application')
    await journey.approve(console)
    await console.shot('04-console-approved')
  })

  await test.step('download the certificate', async () => {
    await journey.downloadCertificate(phone, 'with pictures')
    await phone.shot('13-certificate-ready')
    await saveCertificate(phone)
  })

  await test.step('log in to the trading platform by scanning', async () => {
    await trade.shot('10-trade-login')
    await trade.by('login-scan-open').click()
    await expect(trade.by('scan-qr')).toBeVisible()
    await trade.shot('11-trade-scan')
    await journey.scan(phone, trade)
    await phone.shot('14-confirm-login')
    await phone.by('confirm-ok').click()
    await expect(phone.by('pin-1')).toBeVisible()
    await phone.shot('15-enter-pin')
    await phone.enterPin(phone.person.pin)
    await expect(trade.by('upload-input')).toBeAttached({ timeout: 20_000 })
    await expect(trade.page.getByText(phone.person.name).first()).toBeVisible()
    await trade.shot('12-trade-documents')
    await expect(phone.by('request-done')).toBeVisible()
    await phone.shot('16-login-done')
  })

  await test.step('place the seal and sign by scanning', async () => {
    await journey.upload(trade, '电子签署协议')
    await journey.placeSeal(trade)
    await trade.shot('13-trade-seal-placed')
    await journey.signByScanning(phone, trade, 'with pictures')
    await trade.shot('14-trade-signed')
    await expect(phone.by('request-done')).toBeVisible()
    await phone.shot('18-sign-done')
  })

  const signed = await test.step('download the signed PDF', async () => {
    const file = await journey.downloadSigned(trade)
    saveSigned(file)
    return file
  })

  await test.step('the verification page says that it is valid, and that a changed copy is not', async () => {
    await trade.page.goto(`${stack.trade}/verify`)
    await trade.by('verify-input').setInputFiles(artifact('signed.pdf'))
    await expect(trade.by('verify-verdict').first()).toContainText('有效')
    await expect(trade.page.locator('canvas').first()).toBeVisible()
    await trade.shot('15-trade-verify')
    const changed = Buffer.from(signed)
    const at = changed.indexOf('endobj')
    changed[at - 2]! ^= 1
    await trade.by('verify-another').click()
    await trade
      .by('verify-input')
      .setInputFiles({ name: 'changed.pdf', mimeType: 'application/pdf', buffer: changed })
    await expect(trade.by('verify-verdict').first()).not.toContainText(/^\s*(签名)?有效/)
  })

  await test.step('other software agrees', async () => {
    for (const verdict of judge()) test.info().annotations.push({ type: 'outside', description: verdict })
  })
})
