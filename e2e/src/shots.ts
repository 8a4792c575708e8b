// Pictures of every page, for people to look at: target/artifacts/screenshots/{phone,pc}/NAME.png. What is worth a
// picture is also checked for accessibility.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { accessible } from './accessibility.ts'
import { artifacts } from './environment.ts'

export async function shot(page: Page, device: 'phone' | 'pc', name: string): Promise<void> {
  const folder = join(artifacts, 'screenshots', device)
  mkdirSync(folder, { recursive: true })
  // Let transitions come to rest; a spinner that never rests should not hold up the test.
  await page.evaluate(async () => {
    await document.fonts.ready
    const moving = document
      .getAnimations()
      .filter((animation) => animation.effect?.getTiming().iterations === 1)
    await Promise.race([
      Promise.allSettled(moving.map((animation) => animation.finished)),
      new Promise((resolve) => setTimeout(resolve, 800)),
    ])
  })
  await page.screenshot({ path: join(folder, `${name}.png`), scale: 'css' })
  await accessible(page, `${device} ${name}`)
}
