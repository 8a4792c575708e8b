// The reviewer says no, says why, and looks again.
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'

test('a refused applicant reads the reason, submits again and is approved', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  const reviewer = await newPc(`${stack.platform}/console/`)
  await journey.register(phone)
  await journey.verify(phone)
  await journey.apply(phone, 'lishui')

  await journey.logInAsReviewer(reviewer, stack)
  await journey.openApplication(reviewer, phone)
  const reason = '签名图片不清晰，请重新生成'
  await journey.refuse(reviewer, reason)

  await phone.page.goto(`${stack.platform}/applications`)
  await phone.page.locator('a[href^="/applications/"]').first().click()
  await expect(phone.page.getByText(reason).first()).toBeVisible()
  await phone.shot('20-application-refused')
  await journey.submitAgain(phone)

  await reviewer.page.goto(`${stack.platform}/console/`)
  await journey.openApplication(reviewer, phone)
  await journey.approve(reviewer)
  await expect.poll(() => journey.guide(phone)).toBe('download')
})
