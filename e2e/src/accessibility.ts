// What axe finds on a page that would shut somebody out: contrast, names, roles, labels.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const GRAVE = ['serious', 'critical']

/** Fails the test at its end, so that one run tells everything. */
export async function accessible(page: Page, name: string): Promise<void> {
  // The usual mode opens a second page beside the person's own.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const grave = violations
    .filter((one) => GRAVE.includes(one.impact ?? ''))
    .flatMap((one) =>
      one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary?.split('\n')[1]}`),
    )
  expect.soft(grave, `accessibility of ${name}`).toEqual([])
}
