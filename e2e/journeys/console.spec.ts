// The desk of those who review: the queue by keyboard, four eyes, people, settings, figures, the log, login by phone.
import { applicant, handIn } from '../src/applicant.ts'
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import type { Pc } from '../src/pc.ts'

const SMALL = { width: 1280, height: 720 }
const LARGE = { width: 1440, height: 900 }

async function press(pc: Pc, ...keys: string[]): Promise<void> {
  for (const key of keys) await pc.page.keyboard.press(key)
}

/** Nothing is wider than the window. */
async function fits(pc: Pc): Promise<void> {
  const wide = await pc.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(wide).toBeLessThanOrEqual(0)
}

/** Makes somebody on the page of people; returns the printed password. */
async function make(pc: Pc, username: string, role: string, place: RegExp): Promise<string> {
  await pc.by('nav-staff').click()
  await pc.by('staff-new').click()
  await pc.by('staff-username').fill(username)
  await pc.by('staff-name').fill(username)
  const option = pc.by('staff-place').locator('option').filter({ hasText: place })
  await pc.by('staff-place').selectOption((await option.getAttribute('value'))!)
  await pc.by(`staff-role-${role}`).check()
  await pc.by('confirm').click()
  const password = await pc.by('printed-password').innerText()
  await pc.by('dialog-close').click()
  return password
}

async function logIn(pc: Pc, username: string, password: string): Promise<void> {
  await pc.by('console-username').fill(username)
  await pc.by('console-password').fill(password)
  await pc.by('console-login').click()
  await expect(pc.by('console-who')).toBeVisible()
}

test('a reviewer works through the queue with the keyboard and takes a decision back in time', async ({
  stack,
  newPc,
}) => {
  const pc = await newPc(`${stack.platform}/console/`)
  await journey.logInAsReviewer(pc, stack)
  await expect(pc.by('queue-tab-with_reviewer')).toHaveAttribute('aria-selected', 'true')
  await pc.page.waitForLoadState('networkidle')
  const before = await pc.by('queue-row').count()
  const names: string[] = []
  for (const slug of ['guiyun', 'lishui', 'guiyun']) {
    const one = await applicant(stack)
    await handIn(one, slug)
    names.push(one.person.name)
  }
  await pc.page.reload()
  await expect(pc.by('queue-row')).toHaveCount(before + 3)
  await pc.shot('40-console-queue')
  await press(pc, 'j', 'j', 'k', 'Enter')
  await expect(pc.by('application-state')).toBeVisible()
  await expect(pc.by('material')).toBeVisible()
  await press(pc, 'i')
  await expect(pc.by('id-number')).toHaveText(/^[\d ]{20,}[\dX]$/)
  await press(pc, '+', ']')
  await expect(pc.by('viewer-zoom')).toHaveText('125%')
  await pc.shot('41-console-application')
  await pc.page.setViewportSize(SMALL)
  await fits(pc)
  await pc.shot('41-console-application-1280')
  await pc.page.setViewportSize(LARGE)
  await press(pc, '?')
  await expect(pc.by('keys')).toBeVisible()
  await pc.shot('42-console-keys')
  await press(pc, 'Escape')

  // Refused with a template, taken back, then approved: only the approval reaches anybody.
  const address = pc.page.url()
  await press(pc, 'r')
  await pc.by('refuse-preset').first().click()
  await pc.shot('43-console-refusal')
  await pc.by('confirm').click()
  await expect(pc.by('undo-bar')).toBeVisible()
  await pc.shot('44-console-undo')
  await press(pc, 'u')
  await expect(pc.by('undo-bar')).toBeHidden()
  await expect(pc.page).toHaveURL(address)
  await expect(pc.by('approve')).toBeVisible()
  await press(pc, 'a')
  await pc.by('decision-now').click()
  await expect(pc.by('undo-bar')).toBeHidden()
  await press(pc, 'Escape')
  await expect(pc.by('queue-row')).toHaveCount(before + 2)
  await pc.by('queue-tab-ready').click()
  await expect(pc.page).toHaveURL(/state=ready/)
  await expect(pc.by('queue-row').first()).toBeVisible()

  // A filter stands in the address and survives a reload.
  await pc.by('queue-tab-with_reviewer').click()
  await pc.by('filter-institution').selectOption({ label: '漓水CA（演示）' })
  const own = pc.by('queue-row').filter({ hasText: names[1]! })
  await expect(own).toHaveCount(1)
  await pc.page.reload()
  await expect(own).toHaveCount(1)
  await expect(pc.by('queue-row').filter({ hasText: '桂云' })).toHaveCount(0)
})

test('where four eyes are wanted another person looks again, and two do not work on the same application', async ({
  stack,
  newPc,
}) => {
  // At an institution where nobody else applies: the others' applications are looked at once.
  const person = await applicant(stack)
  await handIn(person, 'lishui')
  const operator = await newPc(`${stack.platform}/console/`)
  await journey.logInAsReviewer(operator, stack)
  await operator.by('nav-institutions').click()
  await operator.by('institution-lishui').click()
  await operator.by('four-eyes').check()
  await operator.by('service-hours').fill('8')
  await operator.by('institution-contact_phone').fill('0771-5550100')
  await operator.by('institution-save').click()
  await expect(operator.by('institution-save')).toBeDisabled()
  await operator.shot('45-console-institution')
  const first = await make(operator, 'nong.lead', 'lead', /漓水/)
  const second = await make(operator, 'qin.reviewer', 'reviewer', /漓水/)
  await operator.shot('46-console-staff')

  const lead = await newPc(`${stack.platform}/console/`)
  await logIn(lead, 'nong.lead', first)
  const reviewer = await newPc(`${stack.platform}/console/`)
  await logIn(reviewer, 'qin.reviewer', second)
  const row = (pc: Pc) => pc.by('queue-row').filter({ hasText: person.person.name })
  await row(lead).click()
  await expect(lead.by('approve')).toBeVisible()
  // The lead has it in hand now.
  await lead.page.waitForResponse((answer) => answer.url().endsWith('/hold') && answer.ok())
  await row(reviewer).click()
  await expect(reviewer.by('held')).toContainText('nong.lead')
  await expect(reviewer.by('approve')).toBeDisabled()
  await reviewer.shot('47-console-held')
  await lead.by('approve').click()
  await lead.by('decision-now').click()
  await expect(lead.by('undo-bar')).toBeHidden()

  await reviewer.page.goto(`${stack.platform}/console/applications?state=with_second_reviewer`)
  await row(reviewer).click()
  await expect(reviewer.by('second-look')).toContainText('nong.lead')
  await reviewer.shot('48-console-second-look')
  await journey.approve(reviewer)
  await reviewer.page.goto(`${stack.platform}/console/applications?state=ready`)
  await expect(row(reviewer)).toHaveCount(1)
  // What a reviewer may not see has no place in the header.
  await expect(reviewer.by('nav-audit')).toHaveCount(0)
  await expect(reviewer.by('nav-staff')).toHaveCount(0)
})

test('figures, feedback and the log are there to be read, in two languages and in the dark', async ({
  stack,
  newPc,
}) => {
  const one = await applicant(stack)
  await handIn(one, 'guiyun')
  await one.call('POST', '/api/feedback', {
    text: '扫码登录时二维码刷新太快，老人来不及对准。',
    contact: '0771-5550123',
  })
  const pc = await newPc(`${stack.platform}/console/`)
  await journey.logInAsReviewer(pc, stack)
  await pc.by('nav-feedback').click()
  await pc.by('feedback-row').first().click()
  await pc.by('feedback-answer').fill('您好，可在「设置」中开启长辈模式，二维码停留更久。')
  await pc.shot('49-console-feedback')
  await pc.by('feedback-send').click()
  await pc.by('feedback-tab-answered').click()
  await expect(pc.by('feedback-row').filter({ hasText: '老人来不及对准' }).first()).toBeVisible()
  await pc.by('nav-statistics').click()
  await expect(pc.by('chart-reviews')).toBeVisible()
  await pc.shot('50-console-statistics')
  await pc.by('nav-audit').click()
  await pc.by('audit-verify').click()
  await expect(pc.by('audit-verdict')).toContainText('链条完整')
  await pc.by('audit-action').selectOption('reviewer')
  await expect(pc.page).toHaveURL(/action=reviewer/)
  await pc.by('audit-action').selectOption('')
  await pc.shot('51-console-audit')
  const download = pc.page.waitForEvent('download')
  await pc.by('audit-csv').click()
  expect((await download).suggestedFilename()).toMatch(/^audit-.*\.csv$/)
  await pc.by('console-who').click()
  await pc.shot('52-console-account')

  await pc.by('console-language').click()
  await pc.by('console-theme').click()
  await pc.by('console-theme').click()
  await pc.page.setViewportSize(SMALL)
  for (const [page, name] of [
    ['applications', '53-console-queue-dark'],
    ['statistics', '54-console-statistics-dark'],
    ['institutions', '55-console-institution-dark'],
    ['staff', '56-console-staff-dark'],
    ['audit', '57-console-audit-dark'],
  ] as const) {
    await pc.by(`nav-${page}`).click()
    await expect(pc.page.locator('main')).toBeVisible()
    await pc.page.waitForLoadState('networkidle')
    await fits(pc)
    await pc.shot(name)
  }
  await pc.by('nav-applications').click()
  await pc.by('queue-row').first().click()
  await expect(pc.by('material')).toBeVisible()
  await pc.shot('58-console-application-dark')
})

test('a reviewer links the phone once and logs in by scanning from then on', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const operator = await newPc(`${stack.platform}/console/`)
  await journey.logInAsReviewer(operator, stack)
  const password = await make(operator, `wei.${phone.person.phone.slice(-4)}`, 'reviewer', /漓水/)
  const pc = await newPc(`${stack.platform}/console/`)
  await logIn(pc, `wei.${phone.person.phone.slice(-4)}`, password)
  await pc.by('console-who').click()
  await pc.by('account-link').click()
  await journey.scan(phone, pc)
  await journey.confirmWithPin(phone)
  await expect(pc.by('account-linked')).toBeVisible({ timeout: 20_000 })
  await pc.by('console-logout').click()

  await pc.by('login-way-scan').click()
  await expect(pc.by('scan-qr')).toBeVisible()
  await pc.shot('59-console-login-scan')
  await journey.scan(phone, pc)
  await phone.shot('40-confirm-console-login')
  await journey.confirmWithPin(phone)
  await expect(pc.by('console-who')).toBeVisible({ timeout: 20_000 })
})
