// Scanning when things do not go smoothly: no camera, a wrong password, a person who says no.
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'

test('a typed code, a refusal and a wrong password end as they should', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const trade = await newPc(`${stack.trade}/`)

  await test.step('a code that is too old is refused', async () => {
    await trade.by('login-scan-open').click()
    const stale = await trade.by('scan-qr').getAttribute('data-code')
    await trade.page.waitForTimeout(12_500)
    await journey.typeCode(phone, stale!)
    await expect(phone.by('scan-note')).toHaveClass(/note/)
    await phone.shot('21-scan-stale')
  })

  await test.step('the code typed by hand opens the request; the person refuses; the PC hears of it', async () => {
    const code = await trade.by('scan-qr').getAttribute('data-code')
    await journey.typeCode(phone, code!)
    await expect(phone.by('confirm-refuse')).toBeVisible()
    await phone.by('confirm-refuse').click()
    await phone.shot('22-refuse-why')
    await phone.by('refuse-not_me').check({ force: true })
    await phone.by('refuse-submit').click()
    await expect(phone.by('request-refused')).toBeVisible()
    await expect(trade.by('scan-dialog')).toHaveAttribute('data-state', 'refused')
    await trade.shot('20-trade-refused')
    await phone.shot('23-refused')
  })

  await test.step('a wrong password is counted, the right one still works', async () => {
    await trade.by('scan-retry').click()
    await journey.scan(phone, trade)
    await journey.confirmWithPin(phone, '918273')
    await expect(phone.by('pin-note')).toContainText(/\d/)
    await phone.shot('24-wrong-pin')
    await phone.enterPin(phone.person.pin)
    await expect(trade.by('upload-input')).toBeAttached({ timeout: 20_000 })
  })
})
