// Scanning when things do not go smoothly: no camera, a wrong password, a person who says no.
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'

test('a typed code, a refusal and a wrong password end as they should', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  await journey.certify(phone, await newPc(`${stack.platform}/console/`), stack)
  const trade = await newPc(`${stack.trade}/`)

  await test.step('a code that is too old is refused', async () => {
    await trade.by('login-scan-open').click()
    const stale = await trade.by('scan-qr').getAttribute('data-code')
    await trade.page.waitForTimeout(12_500)
    await journey.typeCode(phone, stale!)
    await expect(phone.by('scan-error')).toBeVisible()
    await phone.shot('21-scan-stale')
  })

  await test.step('the code typed by hand opens the request; the person refuses; the PC hears of it', async () => {
    const code = await trade.by('scan-qr').getAttribute('data-code')
    await journey.typeCode(phone, code!)
    await expect(phone.by('confirm-refuse')).toBeVisible()
    await phone.by('confirm-refuse').click()
    await expect(trade.page.getByText(/拒绝/).first()).toBeVisible()
    await trade.shot('20-trade-refused')
    await phone.shot('22-refused')
  })

  await test.step('a wrong password is counted, the right one still works', async () => {
    await trade.page.goto(`${stack.trade}/`)
    await trade.by('login-scan-open').click()
    await journey.scan(phone, trade)
    await journey.confirmWithPin(phone, '918273')
    await expect(phone.page.getByText(/(还可|还能|还有|剩余).*\d+.*次/).first()).toBeVisible()
    await phone.shot('23-wrong-pin')
    await phone.enterPin(phone.person.pin)
    await expect(trade.by('upload-input')).toBeAttached({ timeout: 20_000 })
  })
})
