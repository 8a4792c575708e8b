// What people do for an enterprise, in the words of the manual.
import { expect } from '@playwright/test'
import { licence, stampedPage } from './documents.ts'
import { confirmWithPin, guide } from './journey.ts'
import type { Pc } from './pc.ts'
import type { Firm } from './people.ts'
import type { Phone } from './phone.ts'

type Pages = 'with pictures' | 'quietly'

async function shotIf(phone: Phone, pages: Pages, name: string): Promise<void> {
  if (pages === 'with pictures') await phone.shot(name)
}

/** 立即申请证书 → 企业证书 → 搜索企业. */
export async function search(phone: Phone, text: string): Promise<void> {
  await phone.goHome()
  await phone.by('guide-apply').click()
  await phone.by('apply-enterprise').click()
  await phone.by('search-input').fill(text)
}

/** Chooses a picture from the album and takes it as it is. */
export async function attach(
  phone: Phone,
  kind: string,
  picture: Buffer,
  pages: Pages = 'quietly',
): Promise<void> {
  await phone
    .by(`material-${kind}`)
    .setInputFiles({ name: `${kind}.jpg`, mimeType: 'image/jpeg', buffer: picture })
  await expect(phone.by('cropper')).toBeVisible()
  await shotIf(phone, pages, `enterprise-crop-${kind}`)
  await phone.by('crop-use').click()
  await expect(phone.by(`photo-${kind}`)).toHaveAttribute('data-stored', 'true')
}

/** 认领企业 in its three steps. */
export async function claim(phone: Phone, pc: Pc, firm: Firm, pages: Pages = 'quietly'): Promise<void> {
  await search(phone, firm.creditCode)
  await expect(phone.by('claim-start')).toBeVisible()
  await shotIf(phone, pages, 'enterprise-not-registered')
  await phone.by('claim-start').click()
  await expect(phone.by('facts-credit-code')).toHaveValue(firm.creditCode)

  await attach(phone, 'licence', await licence(pc, firm), pages)
  // The licence's own code fills in the name.
  await expect(phone.by('licence-filled')).toBeVisible()
  await expect(phone.by('facts-name')).toHaveValue(firm.name)
  await phone.by('facts-person').fill(phone.person.name)
  await phone.by('facts-id').fill(phone.person.idNumber)
  await shotIf(phone, pages, 'enterprise-claim-facts')
  await phone.by('step-next').click()

  await chooseCertificate(phone, pages)
  const waiting = phone.page.waitForEvent('download')
  await phone.by('form-download').click()
  expect((await waiting).suggestedFilename()).toMatch(/\.pdf$/)
  await attach(phone, 'application_form', await stampedPage(pc, '认领企业申请书'))
  await shotIf(phone, pages, 'enterprise-claim-form')
  await phone.by('submit-application').click()
  await expect(phone.by('application-state')).toHaveAttribute('data-state', 'with_reviewer')
}

async function chooseCertificate(phone: Phone, pages: Pages): Promise<void> {
  await phone.by('institution-guiyun').click()
  await phone.by('product-enterprise_certificate').first().click()
  await expect(phone.by('step-next')).toBeEnabled()
  await shotIf(phone, pages, 'enterprise-certificate')
  await phone.by('step-next').click()
}

/** 加入企业: found by name; the administrator is proved to be known. */
export async function join(phone: Phone, firm: Firm, admin: Phone, pages: Pages = 'quietly'): Promise<void> {
  await search(phone, firm.name.slice(-12))
  await phone.by('search-hit').filter({ hasText: firm.name }).click()
  await expect(phone.by('enterprise-card')).toContainText(firm.name)
  await shotIf(phone, pages, 'enterprise-card')
  await phone.by('join-start').click()
  await phone.by('admin-name').fill(admin.person.name)
  await phone.by('admin-phone').fill(admin.person.phone)
  await shotIf(phone, pages, 'enterprise-join-admin')
  await phone.by('step-next').click()
  await phone.by('permission-decrypt').click()
  await shotIf(phone, pages, 'enterprise-join-grant')
  await phone.by('step-next').click()
  await chooseCertificate(phone, 'quietly')
  await shotIf(phone, pages, 'enterprise-join-review')
  await phone.by('submit-application').click()
  await expect(phone.by('application-state')).toHaveAttribute('data-state', 'with_admin')
  await shotIf(phone, pages, 'enterprise-with-admin')
}

/** 同意 → 确认并盖章: the letter is read, sealed where it says, and confirmed with the certificate password. */
export async function sealLetter(admin: Phone, pages: Pages = 'quietly'): Promise<void> {
  await admin.by('consent-agree').click()
  await sealOpenLetter(admin, pages)
  await expect(admin.by('application-state')).toHaveAttribute('data-state', 'with_reviewer')
}

/** The same from the letter on; ends on the application's page. */
export async function sealOpenLetter(admin: Phone, pages: Pages = 'quietly'): Promise<void> {
  await expect(admin.by('letter-seal')).toBeVisible()
  await expect(admin.by('page-1')).toHaveAttribute('data-drawn', 'true')
  await shotIf(admin, pages, 'enterprise-letter')
  await admin.by('letter-seal').press('ArrowUp')
  await admin.by('letter-seal-confirm').click()
  await expect(admin.by('document-checked')).toBeVisible({ timeout: 30_000 })
  await expect(admin.by('page-1')).toHaveAttribute('data-drawn', 'true')
  await shotIf(admin, pages, 'enterprise-letter-confirm')
  await confirmWithPin(admin)
  await expect(admin.by('request-done')).toBeVisible({ timeout: 30_000 })
  await shotIf(admin, pages, 'enterprise-letter-done')
  await admin.by('request-finish').click()
  await expect(admin.by('application-state')).toBeVisible()
}

/** What the home page says that this person is, and for whom. */
export async function standing(phone: Phone, role: 'person' | 'clerk' | 'admin', firm?: Firm): Promise<void> {
  await phone.goHome()
  await expect(phone.by('role').first()).toHaveAttribute('data-role', role)
  if (firm) await expect(phone.by('enterprise-name').first()).toHaveText(firm.name)
  await expect(phone.by('certificate-card')).toBeVisible()
  expect(await guide(phone)).toBe('done')
}

/** The page that is open, dark, in large type and in English; nothing may be wider than the screen. */
export async function inEveryLook(phone: Phone, name: string): Promise<void> {
  const looks: Record<string, [key: string, value: string]> = {
    dark: ['guiqian.settings', JSON.stringify({ theme: 'dark', elder: false })],
    elder: ['guiqian.settings', JSON.stringify({ theme: 'light', elder: true })],
    english: ['guiqian.locale', 'en'],
  }
  for (const [look, [key, value]] of Object.entries(looks)) {
    await phone.page.evaluate(([key, value]) => localStorage.setItem(key, value), [key, value] as const)
    await phone.page.reload()
    await phone.page.waitForTimeout(500)
    const [wide, screen] = await phone.page.evaluate(
      () => [document.documentElement.scrollWidth, window.innerWidth] as const,
    )
    expect(wide, `${name}, ${look}`).toBeLessThanOrEqual(screen)
    await phone.shot(`${name}-${look}`)
    await phone.page.evaluate((key) => localStorage.removeItem(key), key)
  }
  await phone.page.reload()
}
