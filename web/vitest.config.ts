import { defineConfig } from 'vitest/config'

// Each package keeps its own vite configuration; `npm test` runs all of them.
export default defineConfig({
  test: {
    projects: ['shared', 'app', 'console', 'trade'],
  },
})
