// What an administrator does for the people of an enterprise, and every page of it in the looks that people choose.
import { licence, stampedPage } from '../src/documents.ts'
import * as enterprise from '../src/enterprise.ts'
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import { someFirm } from '../src/people.ts'
import type { Phone } from '../src/phone.ts'
import { approveFor } from '../src/reviewer.ts'

/** From the home page to the page of the enterprise's people. */
async function openPeople(admin: Phone): Promise<void> {
  await admin.goHome()
  await admin.by('service-people').click()
  await expect(admin.by('member-row').first()).toBeVisible()
}

/** The page of one person of the enterprise. */
async function openMember(admin: Phone, person: Phone): Promise<void> {
  await openPeople(admin)
  await admin.by('member-row').filter({ hasText: person.person.name }).click()
  await expect(admin.by('member-remove')).toBeVisible()
}

test('an administrator invites, authorises, ends the authorisation and deletes; every page stands in every look', async ({
  stack,
  newPhone,
  newPc,
}) => {
  test.setTimeout(420_000)
  const firm = someFirm()
  const admin = await newPhone()
  const desk = await newPc(`${stack.platform}/console/`)
  const clerk = await newPhone()

  await test.step('an enterprise, and a person who is invited and accepts', async () => {
    await journey.register(admin)
    await journey.verify(admin)
    await enterprise.claim(admin, desk, firm)
    await approveFor(stack, firm.name)
    await journey.downloadCertificate(admin)

    await openPeople(admin)
    await enterprise.inEveryLook(admin, 'people-alone')
    await admin.by('member-invite').click()
    await admin.by('invite-name').fill(clerk.person.name)
    await admin.by('invite-phone').fill(clerk.person.phone)
    await admin.shot('people-invite')
    await enterprise.inEveryLook(admin, 'people-invite')
    await admin.by('invite-name').fill(clerk.person.name)
    await admin.by('invite-phone').fill(clerk.person.phone)
    await admin.by('invite-send').click()
    await expect(admin.by('invite-finish')).toBeVisible()
    await admin.shot('people-invited')
    await admin.by('invite-finish').click()
    await expect(admin.by('invitation-row')).toContainText(clerk.person.name)
    await admin.shot('people-waiting')

    await journey.register(clerk)
    await journey.verify(clerk)
    await clerk.goHome()
    await clerk.by('task').filter({ hasText: firm.name }).click()
    await expect(clerk.by('invitation-accept')).toBeVisible()
    await clerk.shot('people-invitation')
    await enterprise.inEveryLook(clerk, 'people-invitation')
    await clerk.by('invitation-accept').click()
    await expect(clerk.by('invitation-answered')).toBeVisible()
    await clerk.shot('people-invitation-accepted')
  })

  await test.step('authorise: for whom, what, with which certificate, and the sealed letter', async () => {
    await openPeople(admin)
    await expect(admin.by('member-row')).toHaveCount(2)
    await admin.shot('people-members')
    await enterprise.inEveryLook(admin, 'people-members')
    await admin.by('member-row').filter({ hasText: clerk.person.name }).click()
    await expect(admin.by('member-transfer')).toBeVisible()
    await admin.shot('people-member')
    await enterprise.inEveryLook(admin, 'people-member')

    await admin.goHome()
    await admin.by('service-authorisations').click()
    await expect(admin.by('authorisation-new')).toBeVisible()
    await enterprise.inEveryLook(admin, 'authorisations-none')
    await admin.by('authorisation-new').click()
    await admin.by('authorisation-person').check()
    await admin.shot('authorisation-person')
    await admin.by('authorisation-begin').click()
    await expect(admin.by('permission-login')).toBeVisible()
    await admin.shot('authorisation-grant')
    await admin.by('step-next').click()
    await admin.by('institution-guiyun').click()
    await admin.by('product-enterprise_certificate').first().click()
    await admin.by('step-next').click()
    await expect(admin.by('submit-application')).toBeVisible()
    await enterprise.inEveryLook(admin, 'authorisation-review')
    await admin.by('submit-application').click()
    await enterprise.sealOpenLetter(admin)
  })

  await test.step('approved and downloaded, the authorisation holds; ended, it is history', async () => {
    await approveFor(stack, firm.name)
    await journey.downloadCertificate(clerk)
    await enterprise.standing(clerk, 'clerk', firm)
    await clerk.by('service-my_authorisations').click()
    await expect(clerk.by('authorisation-row')).toHaveAttribute('data-state', 'active')
    await clerk.shot('authorisations-mine')

    await admin.goHome()
    await admin.by('service-authorisations').click()
    await admin.by('authorisation-group').first().click()
    await expect(admin.by('authorisation-row')).toHaveAttribute('data-state', 'active')
    await admin.shot('authorisation-group')
    await enterprise.inEveryLook(admin, 'authorisation-group')
    await admin.by('authorisation-end').click()
    await expect(admin.by('authorisation-end-confirm')).toBeVisible()
    await admin.shot('authorisation-end')
    await admin.by('authorisation-end-confirm').click()
    await expect(admin.by('authorisation-row')).not.toHaveAttribute('data-state', 'active')
    await admin.shot('authorisation-ended')
  })

  await test.step('the seals of the enterprise', async () => {
    await admin.goHome()
    await admin.by('service-seals').click()
    await expect(admin.by('enterprise-seal').first()).toBeVisible()
    await admin.shot('enterprise-seals')
    await enterprise.inEveryLook(admin, 'enterprise-seals')
  })

  await test.step('deleted, the person holds no certificate of the enterprise any more', async () => {
    await openMember(admin, clerk)
    await admin.by('member-remove').click()
    await expect(admin.by('member-remove-confirm')).toBeVisible()
    await admin.shot('people-remove')
    await admin.by('member-remove-confirm').click()
    await expect(admin.by('member-row')).toHaveCount(1)
    const { items } = await clerk.api<{ items: { state: string }[] }>('/api/certificates')
    expect(items.map((one) => one.state)).toEqual(['revoked'])
    await clerk.goHome()
    await expect(clerk.by('role').first()).toHaveAttribute('data-role', 'person')
  })
})

test('an administrator changes the name of the enterprise and hands the role over', async ({
  stack,
  newPhone,
  newPc,
}) => {
  test.setTimeout(300_000)
  const firm = someFirm()
  const renamed = { ...firm, name: firm.name.replace('工程设计咨询集团', '勘察规划设计研究院') }
  const admin = await newPhone()
  const next = await newPhone()
  const desk = await newPc(`${stack.platform}/console/`)
  await journey.register(admin)
  await journey.verify(admin)
  await enterprise.claim(admin, desk, firm)
  await approveFor(stack, firm.name)
  await journey.downloadCertificate(admin)
  await journey.register(next)
  await journey.verify(next)
  await openPeople(admin)
  await admin.by('member-invite').click()
  await admin.by('invite-name').fill(next.person.name)
  await admin.by('invite-phone').fill(next.person.phone)
  await admin.by('invite-send').click()
  await expect(admin.by('invite-finish')).toBeVisible()
  await next.goHome()
  await next.by('task').filter({ hasText: firm.name }).click()
  await next.by('invitation-accept').click()
  await expect(next.by('invitation-answered')).toBeVisible()

  await test.step('a certificate that is not chosen keeps the old name, and says so', async () => {
    await admin.goHome()
    await admin.by('service-enterprise').click()
    await expect(admin.by('enterprise-change')).toBeVisible()
    await admin.shot('enterprise-profile')
    await enterprise.inEveryLook(admin, 'enterprise-profile')
    await admin.by('enterprise-change').click()
    await expect(admin.by('facts-name')).toHaveValue(firm.name)
    await enterprise.attach(admin, 'licence', await licence(desk, renamed))
    await admin.by('facts-name').fill(renamed.name)
    await admin.shot('enterprise-change')
    await admin.by('step-next').click()
    await expect(admin.by('change-certificate')).toHaveCount(1)
    await admin.shot('enterprise-change-certificates')
    await enterprise.inEveryLook(admin, 'enterprise-change-certificates')
    await admin.by('step-next').click()
    await enterprise.attach(admin, 'application_form', await stampedPage(desk, '变更企业信息申请书'))
    await admin.shot('enterprise-change-form')
    await admin.by('submit-application').click()
    await expect(admin.by('application-state')).toHaveAttribute('data-state', 'with_reviewer')
    await approveFor(stack, firm.name)
    await expect(admin.by('application-state')).toHaveAttribute('data-state', 'done')
    await admin.goHome()
    await expect(admin.by('enterprise-name').first()).toHaveText(renamed.name)
    await admin.by('certificate-card').first().click()
    await expect(admin.by('certificate-outdated')).toContainText(renamed.name)
    await admin.shot('certificate-outdated')
  })

  await test.step('the role changes hands with the sealed letter, at once', async () => {
    await openMember(admin, next)
    await admin.by('member-transfer').click()
    await expect(admin.by('member-transfer-confirm')).toBeEnabled()
    await admin.shot('people-transfer-ask')
    await admin.by('member-transfer-confirm').click()
    await expect(admin.by('submit-application')).toBeVisible()
    await admin.shot('people-transfer')
    await enterprise.inEveryLook(admin, 'people-transfer')
    await admin.by('submit-application').click()
    await enterprise.sealOpenLetter(admin)
    await expect(admin.by('application-state')).toHaveAttribute('data-state', 'done')
    await enterprise.standing(admin, 'clerk', renamed)
    await next.goHome()
    await expect(next.by('role').first()).toHaveAttribute('data-role', 'admin')
    await next.shot('people-new-admin')
  })
})
