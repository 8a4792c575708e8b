import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const platform = process.env.GUIQIAN_PLATFORM ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/console/',
  plugins: [vue()],
  server: {
    port: 5174,
    proxy: { '/api': platform, '/pki': platform, '/sandbox': platform },
  },
  test: { name: 'console', environment: 'happy-dom', include: ['src/**/*.test.ts'], passWithNoTests: true },
})
