// Codes by text message, as the sandbox shows them.
import { expect } from '@playwright/test'
import type { Phone } from './phone.ts'

/** The newest code that went to `number`, once there are more than before. */
export async function codeTo(phone: Phone, number: string, before: number): Promise<string> {
  let codes: string[] = []
  await expect
    .poll(async () => {
      codes = await codesTo(phone, number)
      return codes.length
    })
    .toBeGreaterThan(before)
  return codes.at(-1)!
}

async function codesTo(phone: Phone, number: string): Promise<string[]> {
  const outbox = await phone.api<{ items: { phone: string; code?: string; at: string }[] }>(
    '/api/sandbox/sms',
  )
  return outbox.items
    .filter((item) => item.phone === number && item.code)
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .map((item) => item.code!)
}

/** Presses the button; when the last code is less than a minute old, waits until the button has counted down. */
export async function sendCode(
  phone: Phone,
  button: string,
  number: string = phone.person.phone,
): Promise<string> {
  const before = (await codesTo(phone, number)).length
  await phone.by(button).click()
  await phone.page.waitForTimeout(1_500)
  if ((await codesTo(phone, number)).length === before) {
    await expect(phone.by(button)).toBeEnabled({ timeout: 75_000 })
    await phone.by(button).click()
  }
  return codeTo(phone, number, before)
}
