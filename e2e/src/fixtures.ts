// What a journey starts from: running programs, a browser for PCs, and phones that are thrown away at the end.
import { expect, test as base, type Browser } from '@playwright/test'
import { browser, Pc } from './pc.ts'
import { someone, type Person } from './people.ts'
import { Phone } from './phone.ts'
import { Stack } from './stack.ts'

interface PerTest {
  /** A new phone, of a new person or of one who has another. */
  newPhone: (person?: Person) => Promise<Phone>
  /** A new person's browser window on the PC, at an address. */
  newPc: (address: string) => Promise<Pc>
}

interface PerWorker {
  stack: Stack
  desktop: Browser
}

export const test = base.extend<PerTest, PerWorker>({
  stack: [
    async ({}, use) => {
      const stack = await Stack.start()
      await use(stack)
      await stack.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  desktop: [
    async ({}, use) => {
      const desktop = await browser()
      await use(desktop)
      await desktop.close()
    },
    { scope: 'worker' },
  ],
  newPhone: async ({ stack }, use) => {
    const phones: Phone[] = []
    await use(async (person) => {
      const phone = await Phone.switchOn(`${stack.platform}/`, person ?? someone())
      phones.push(phone)
      return phone
    })
    for (const phone of phones) await phone.throwAway()
    expect(phones.flatMap((phone) => phone.failures)).toEqual([])
  },
  newPc: async ({ desktop }, use) => {
    const pcs: Pc[] = []
    await use(async (address) => {
      const pc = await Pc.at(desktop, address)
      pcs.push(pc)
      return pc
    })
    for (const pc of pcs) await pc.leave()
    expect(pcs.flatMap((pc) => pc.failures)).toEqual([])
  },
})

export { expect }
