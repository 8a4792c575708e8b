// What axe finds on a page that would shut somebody out: contrast, names, roles, labels.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const GRAVE = ['serious', 'critical']

async function grave(page: Page): Promise<string[]> {
  // The usual mode opens a second page beside the person's own. A toast says its words and goes; Vant calls it a dialog.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().exclude('.van-toast').analyze()
  return violations
    .filter((one) => GRAVE.includes(one.impact ?? ''))
    .flatMap((one) =>
      one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary?.split('\n')[1]}`),
    )
}

/** Fails the test at its end, so that one run tells everything. */
export async function accessible(page: Page, name: string): Promise<void> {
  let found = await grave(page)
  if (found.length) {
    // Colours of something that is still fading in are not those that people read.
    await page.waitForTimeout(1_000)
    found = await grave(page)
  }
  expect.soft(found, `accessibility of ${name}`).toEqual([])
}
