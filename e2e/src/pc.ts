// A PC: one Chromium for all tests of a worker, a context of its own (cookies, storage) for each person at it.
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { chromium as executablePath } from './environment.ts'
import { shot } from './shots.ts'

export function browser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

export class Pc {
  readonly page: Page
  /** What the page did not catch. */
  readonly failures: string[] = []
  private readonly context: BrowserContext

  private constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    page.on('pageerror', (error) => this.failures.push(error.message))
  }

  static async at(browser: Browser, address: string): Promise<Pc> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      deviceScaleFactor: 2,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      acceptDownloads: true,
    })
    context.setDefaultTimeout(20_000)
    const pc = new Pc(context, await context.newPage())
    await pc.page.goto(address)
    return pc
  }

  by(id: string): Locator {
    return this.page.getByTestId(id)
  }

  shot(name: string): Promise<void> {
    return shot(this.page, 'pc', name)
  }

  leave(): Promise<void> {
    return this.context.close()
  }
}
