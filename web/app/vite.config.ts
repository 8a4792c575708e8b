import { VantResolver } from '@vant/auto-import-resolver'
import vue from '@vitejs/plugin-vue'
import components from 'unplugin-vue-components/vite'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

const platform = process.env.GUIQIAN_PLATFORM ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  plugins: [
    vue(),
    components({ dirs: [], dts: 'src/components.d.ts', resolvers: [VantResolver()] }),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      includeAssets: ['icon.svg', 'apple-touch-icon.png'],
      manifest: {
        id: '/',
        name: '桂签',
        short_name: '桂签',
        description: '手机里的数字证书：扫码登录、扫码签章',
        lang: 'zh-CN',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#0a585b',
        theme_color: '#f3f5f5',
        categories: ['business', 'productivity', 'security'],
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
        shortcuts: [{ name: '扫一扫', url: '/scan', icons: [{ src: '/icon-192.png', sizes: '192x192' }] }],
      },
      workbox: {
        // The shell only; the key module, the code reader and the PDF view come when they are needed.
        globPatterns: ['index.html', 'assets/*.{js,css}'],
        globIgnores: ['**/*pdf*', '**/*Pdf*', '**/*reader*', '**/*zxing*', '**/*device*'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/(api|pki|sandbox|console|download)(\/|$)/],
        cleanupOutdatedCaches: true,
        runtimeCaching: [
          {
            // Names of built files carry their content's hash: what was fetched once need not be fetched again.
            urlPattern: ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/assets/'),
            handler: 'CacheFirst',
            options: { cacheName: 'guiqian-assets', expiration: { maxEntries: 60 } },
          },
        ],
      },
    }),
  ],
  build: { target: 'es2022', assetsInlineLimit: 2048 },
  server: {
    port: 5173,
    proxy: { '/api': platform, '/pki': platform, '/sandbox': platform },
  },
  test: { name: 'app', environment: 'happy-dom', include: ['src/**/*.test.ts'], passWithNoTests: true },
})
