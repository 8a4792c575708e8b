import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const platform = process.env.GUIQIAN_PLATFORM ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  plugins: [vue()],
  server: {
    port: 5175,
    proxy: { '/api': platform, '/pki': platform, '/sandbox': platform },
  },
  test: { name: 'trade', environment: 'happy-dom', include: ['src/**/*.test.ts'], passWithNoTests: true },
})
