// A phone in a person's hand: a Chromium of its own with a camera, its storage in a folder, so that it can be restarted.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { Camera } from './camera.ts'
import { chromium as executablePath } from './environment.ts'
import type { Person } from './people.ts'
import { shot } from './shots.ts'

export class Phone {
  readonly camera: Camera
  readonly person: Person
  page!: Page
  /** What the page did not catch. */
  readonly failures: string[] = []
  private context!: BrowserContext
  private readonly home: string
  private readonly origin: string

  private constructor(origin: string, person: Person) {
    this.origin = origin
    this.person = person
    this.home = mkdtempSync(join(tmpdir(), 'guiqian-phone-'))
    this.camera = new Camera(join(this.home, 'camera.y4m'))
  }

  static async switchOn(origin: string, person: Person): Promise<Phone> {
    const phone = new Phone(origin, person)
    await phone.start()
    return phone
  }

  private async start(): Promise<void> {
    this.context = await chromium.launchPersistentContext(join(this.home, 'profile'), {
      executablePath,
      args: [
        '--no-sandbox',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-video-capture=${join(this.home, 'camera.y4m')}`,
      ],
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
    })
    this.context.setDefaultTimeout(20_000)
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
    this.page.on('pageerror', (error) => this.failures.push(error.message))
    await this.page.goto(this.origin)
  }

  /** Switched off and on again: only what was written to storage is left. */
  async restart(): Promise<void> {
    await this.context.close()
    await this.start()
  }

  async throwAway(): Promise<void> {
    await this.camera.lookAway()
    await this.context.close()
    rmSync(this.home, { recursive: true, force: true })
  }

  by(id: string): Locator {
    return this.page.getByTestId(id)
  }

  shot(name: string): Promise<void> {
    return shot(this.page, 'phone', name)
  }

  /** The same API that the app uses, with the app's own cookie. */
  async api<T>(path: string): Promise<T> {
    const answer = await this.page.request.get(new URL(path, this.origin).href)
    expect(answer.status(), path).toBe(200)
    return (await answer.json()) as T
  }

  async bytes(path: string): Promise<Buffer> {
    const answer = await this.page.request.get(new URL(path, this.origin).href)
    expect(answer.status(), path).toBe(200)
    return answer.body()
  }

  async goHome(): Promise<void> {
    await this.page.goto(this.origin)
  }

  /** Types a six-digit certificate password on the app's own pad. */
  async enterPin(pin: string): Promise<void> {
    for (const digit of pin) await this.by(`pin-${digit}`).click()
  }
}
