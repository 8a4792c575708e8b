// Something is wrong with certificates: issuance is halted, a fault opened, what it touches issued anew; the phone goes on.
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'

test('issuance is halted and resumed, and a fault has its certificates issued anew without the phone', async ({
  stack,
  newPhone,
  newPc,
}) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const waiting = await newPhone()
  await journey.register(waiting)
  await journey.verify(waiting)
  await journey.apply(waiting, 'guiyun')
  const pc = await newPc(`${stack.platform}/console/`)
  await journey.logInAsReviewer(pc, stack)
  await journey.openApplication(pc, waiting)
  await journey.approve(pc)

  await pc.by('nav-faults').click()
  await pc.by('issuance-halt').click()
  await pc.by('halt-scope').selectOption({ label: '桂云CA（演示）' })
  await pc.by('halt-reason').fill('序列号生成器故障，正在核查')
  await pc.shot('60-console-halt')
  await pc.by('confirm').click()
  await expect(pc.by('halt-banner')).toContainText('序列号生成器故障')
  await pc.shot('61-console-halted')

  // Whoever downloads now is told that nothing is lost.
  await waiting.goHome()
  await waiting.by('download-start').click()
  await waiting.enterPin(waiting.person.pin)
  await expect(waiting.by('pin-page')).toHaveAttribute('data-phase', 'again')
  await waiting.enterPin(waiting.person.pin)
  await expect(waiting.page.locator('body')).toContainText('都已保存')
  await waiting.shot('60-download-halted')

  await pc.by('halt-resume').click()
  await pc.by('resume-reason').fill('已修复')
  await pc.by('confirm').click()
  await expect(pc.by('halt-banner')).toBeHidden()
  await journey.downloadCertificate(waiting)

  await pc.by('fault-new').click()
  await pc.by('fault-name').fill('演练批次')
  await pc.by('fault-kind').selectOption('personal')
  await pc.shot('62-console-fault-new')
  await pc.by('confirm').click()
  await expect(pc.by('touched-row').filter({ hasText: phone.person.name })).toHaveCount(1)
  await pc.by('fault-reissue').click()
  await pc.by('confirm-yes').click()
  await expect(pc.by('fault-job')).toHaveText('已完成', { timeout: 30_000 })
  await pc.shot('63-console-fault-done')
  const download = pc.page.waitForEvent('download')
  await pc.by('fault-csv').click()
  expect((await download).suggestedFilename()).toMatch(/^fault-.*\.csv$/)
  await pc.by('console-language').click()
  await pc.shot('64-console-fault-en')

  const trade = await newPc(stack.trade)
  await journey.logInByScanning(phone, trade)
})

test('an institution prints its own heading and names its policy', async ({ stack, newPc }) => {
  const pc = await newPc(`${stack.platform}/console/`)
  await journey.logInAsReviewer(pc, stack)
  await pc.by('nav-institutions').click()
  await pc.by('institution-yongjiang').click()
  await pc.by('institution-policy_oid').fill('1.2.x')
  await pc.by('institution-save').click()
  await expect(pc.page.getByRole('alert').filter({ hasText: 'OID' })).toBeVisible()
  await pc.by('institution-policy_oid').fill('1.2.156.112559.1.1')
  await pc.by('institution-form_heading').fill('邕江电子认证业务受理书')
  await pc.by('institution-save').click()
  await expect(pc.by('institution-save')).toBeDisabled()
  await pc.shot('65-console-institution-texts')
})
