// What an administrator does for the people of an enterprise, and every page of it in the looks that people choose.
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

test('an administrator invites a person and seals an authorisation; every page stands in every look', async ({
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
})
