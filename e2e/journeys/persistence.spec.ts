// What was written stays: the phone is switched off and on, the server dies and comes back.
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'

test('phone and server are restarted, and the key still signs', async ({ stack, newPhone, newPc }) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)

  await phone.restart()
  await expect.poll(() => journey.guide(phone)).toBe('done')
  await stack.killPlatform()
  await stack.startPlatform()

  const trade = await newPc(`${stack.trade}/`)
  await journey.logInByScanning(phone, trade)
  await phone.page.reload()
  await journey.upload(trade, '重启之后的协议')
  await journey.placeSeal(trade)
  await journey.signByScanning(phone, trade)
})
