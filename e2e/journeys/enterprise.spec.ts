// An enterprise comes to the platform: claimed by its first person, joined by the second with the administrator's seal.
import * as enterprise from '../src/enterprise.ts'
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import { someFirm } from '../src/people.ts'
import { approveFor } from '../src/reviewer.ts'

test('an enterprise is claimed, a clerk joins with the administrator’s sealed letter, and both hold its certificates', async ({
  stack,
  newPhone,
  newPc,
}) => {
  test.setTimeout(300_000)
  const firm = someFirm()
  const admin = await newPhone()
  const desk = await newPc(`${stack.platform}/console/`)

  await test.step('claim', async () => {
    await journey.register(admin)
    await journey.verify(admin)
    await enterprise.claim(admin, desk, firm, 'with pictures')
    await admin.shot('enterprise-claim-submitted')
  })

  await test.step('the reviewer approves the claim in the console', async () => {
    await journey.logInAsReviewer(desk, stack)
    await desk.by('queue-row').filter({ hasText: firm.name }).first().click()
    await expect(desk.by('approve')).toBeVisible()
    await desk.shot('enterprise-claim')
    await journey.approve(desk)
  })

  await test.step('download, and be the administrator', async () => {
    await journey.downloadCertificate(admin)
    await enterprise.standing(admin, 'admin', firm)
    await admin.shot('enterprise-home-admin')
  })

  const clerk = await newPhone()
  await test.step('a second person joins', async () => {
    await journey.register(clerk)
    await journey.verify(clerk)
    await enterprise.join(clerk, firm, admin, 'with pictures')
  })

  await test.step('the administrator sees it without reloading, reads the letter and seals it', async () => {
    const task = admin.by('task').filter({ hasText: clerk.person.name })
    await expect(task).toBeVisible()
    await expect(task).toHaveAttribute('data-what', 'consent')
    await task.click()
    await expect(admin.by('consent')).toContainText(clerk.person.name)
    await admin.shot('enterprise-consent')
    await enterprise.inEveryLook(admin, 'enterprise-consent')
    await enterprise.sealLetter(admin, 'with pictures')
    // The clerk's page has moved on by itself.
    await expect(clerk.by('application-state')).toHaveAttribute('data-state', 'with_reviewer')
  })

  await test.step('approved, the clerk downloads a certificate of the enterprise', async () => {
    await approveFor(stack, firm.name)
    await journey.downloadCertificate(clerk)
    await enterprise.standing(clerk, 'clerk', firm)
    await clerk.shot('enterprise-home-clerk')
    await admin.goHome()
    await enterprise.inEveryLook(admin, 'enterprise-home-admin')
  })
})

test('an administrator refuses with a reason, and the person reads it and may apply again', async ({
  stack,
  newPhone,
  newPc,
}) => {
  test.setTimeout(240_000)
  const firm = someFirm()
  const admin = await newPhone()
  const desk = await newPc(`${stack.platform}/console/`)
  await journey.register(admin)
  await journey.verify(admin)
  await enterprise.claim(admin, desk, firm)
  await approveFor(stack, firm.name)
  await journey.downloadCertificate(admin)

  const person = await newPhone()
  await journey.register(person)
  await journey.verify(person)
  await enterprise.join(person, firm, admin)

  await admin.goHome()
  await admin.by('task').filter({ hasText: person.person.name }).click()
  await admin.by('consent-refuse').click()
  const reason = '申请的权限过大，请只申请登录'
  await admin.by('consent-reason').fill(reason)
  await admin.by('consent-refuse-submit').click()
  await expect(admin.by('application-state')).toHaveAttribute('data-state', 'refused')

  await expect(person.by('application-state')).toHaveAttribute('data-state', 'refused')
  await expect(person.page.getByText(reason).first()).toBeVisible()
  await person.shot('enterprise-refused')
  await person.by('resubmit').click()
  // Everything entered is there again.
  await expect(person.by('step-next')).toBeVisible()
})

test('a draft of a claim survives closing the app, and a wrong credit code is told at once', async ({
  newPhone,
}) => {
  const phone = await newPhone()
  const firm = someFirm()
  await journey.register(phone)
  await journey.verify(phone)
  const last = firm.creditCode.endsWith('0') ? '1' : '0'
  await enterprise.search(phone, firm.creditCode.slice(0, -1) + last)
  await expect(phone.by('search-wrong-code')).toBeVisible()
  await phone.by('search-input').fill(firm.creditCode)
  await phone.by('claim-start').click()
  await phone.by('facts-name').fill(firm.name)
  await phone.by('facts-person').fill('韦木兰')
  await phone.by('facts-id').fill('110105194912310021')
  await phone.by('step-next').click()
  await expect(phone.by('wizard-failure')).toBeVisible()
  await expect
    .poll(async () => {
      const { items } = await phone.api<{ items: { facts: { name: string } | null }[] }>('/api/applications')
      return items[0]?.facts?.name
    })
    .toBe(firm.name)

  await phone.restart()
  await phone.by('task').first().click()
  await expect(phone.by('facts-name')).toHaveValue(firm.name)
  await expect(phone.by('facts-credit-code')).toHaveValue(firm.creditCode)
  await expect(phone.by('facts-person')).toHaveValue('韦木兰')
})
