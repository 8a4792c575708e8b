// Measured in Chromium, for `cargo xtask bench`: the phone's half, a whole scan signature, and the first load.
import { gzipSync } from 'node:zlib'
import { chromium } from '@playwright/test'
import { chromium as executablePath } from '../src/environment.ts'
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'
import type { Phone } from '../src/phone.ts'
import { median, publish } from '../src/timing.ts'

const ROUNDS = 7

test('a scan signature from confirmation to the finished PDF, and the device half in it', async ({
  stack,
  newPhone,
  newPc,
}) => {
  test.setTimeout(600_000)
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const trade = await newPc(`${stack.trade}/`)
  await journey.logInByScanning(phone, trade)

  const whole: number[] = []
  const device: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await trade.page.goto(`${stack.trade}/documents`)
    await journey.upload(trade, `协议 ${round + 1}`)
    await journey.placeSeal(trade)
    whole.push(await journey.signByScanning(phone, trade))
    device.push(await deviceTime(phone))
  }
  publish('scan_to_sealed_pdf_ms', median(whole), 'ms')
  publish('wasm_sign_ms', median(device), 'ms')
})

/** The work of the WebAssembly module in the last signature: measures that the device code leaves in the timeline. */
function deviceTime(phone: Phone): Promise<number> {
  return phone.page.evaluate(() =>
    performance.getEntriesByName('device', 'measure').reduce((sum, entry) => sum + entry.duration, 0),
  )
}

test('what a phone loads before the first page stands', async ({ stack }) => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  // The service worker would fetch later pages ahead of time; the first load is what the person waits for.
  const context = await browser.newContext({ serviceWorkers: 'block', viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  const bodies: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (response.url().startsWith(stack.platform) && !response.url().includes('/api/'))
      bodies.push(response.body())
  })
  await page.goto(`${stack.platform}/`, { waitUntil: 'networkidle' })
  await expect(page.getByTestId('login-phone')).toBeVisible()
  const loaded = await Promise.all(bodies)
  publish(
    'app_first_load_gz_bytes',
    loaded.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0),
    'bytes',
  )
  await browser.close()
})
