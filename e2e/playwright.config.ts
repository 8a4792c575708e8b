import { defineConfig } from '@playwright/test'
import { artifacts } from './src/environment.ts'

// One worker: a phone, a PC and two servers already fill two cores, and the timing report should mean something.
export default defineConfig({
  workers: 1,
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  retries: process.env.CI ? 1 : 0,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  outputDir: `${artifacts}/test-results`,
  reporter: [['list']],
  projects: [
    { name: 'journeys', testDir: 'journeys' },
    { name: 'bench', testDir: 'bench' },
  ],
})
