import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// The package is consumed as source; this file only serves its tests.
export default defineConfig({
  plugins: [vue()],
  test: { name: 'shared', environment: 'happy-dom', include: ['src/**/*.test.ts'], passWithNoTests: true },
})
