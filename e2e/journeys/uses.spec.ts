// What a key was used for stands in the transparency log, and the phone checks it.
import { expect, test } from '../src/fixtures.ts'
import * as journey from '../src/journey.ts'

test('what was done with a key is listed and proven, and an answer that was changed on the way is an alarm', async ({
  stack,
  newPhone,
}) => {
  const phone = await newPhone()
  await journey.certify(phone, stack)
  const { items } = await phone.api<{ items: { id: string }[] }>('/api/certificates')
  const page = `/certificates/${items[0]!.id}`
  const uses = `/api${page}/uses`
  const newest = async () => (await phone.api<{ items: { proof?: string[] }[] }>(uses)).items[0]!.proof
  await expect.poll(newest, { timeout: 20_000 }).toBeTruthy()

  await phone.page.goto(`${stack.platform}${page}`)
  await phone.by('link-uses').click()
  await expect(phone.by('uses-proven')).toBeVisible()
  const rows = phone.by('uses-list').locator('li')
  await expect(rows).toHaveCount(3)
  for (const row of await rows.all()) await expect(row).toHaveAttribute('data-verdict', 'proven')
  await phone.shot('40-uses')

  await phone.page.route(`**${uses}`, async (route) => {
    const response = await route.fetch()
    const answer = (await response.json()) as { items: { at: number }[] }
    answer.items[0]!.at += 1
    await route.fulfill({ response, json: answer })
  })
  await phone.page.reload()
  await expect(phone.by('uses-alarm')).toBeVisible()
  await expect(rows.first()).toHaveAttribute('data-verdict', 'wrong')
  await phone.shot('41-uses-alarm')
})
