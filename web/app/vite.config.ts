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
    components({
      dirs: [],
      dts: 'src/components.d.ts', // Styles stand in main.ts: what Vant would bring along includes an icon font that we do not use.
      resolvers: [VantResolver({ importStyle: false })],
    }),
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
  build: {
    target: 'es2022',
    assetsInlineLimit: 2048,
    rolldownOptions: {
      output: {
        // What every page shares comes in two files instead of fifty; each view stays a file of its own.
        codeSplitting: {
          groups: [
            {
              name: 'vue',
              test: /node_modules\/(@vue|vue|vue-router|vue-i18n|@intlify|pinia|openapi-fetch)\//,
            },
            {
              name: 'shell',
              test: /node_modules\/@lucide\/|app\/src\/(components|composables|stores|rules)\/|shared\/src\/(api|icons|[a-z0-9]+\.ts)/,
            },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    // The Host stays ours, so that addresses the platform makes lead back here.
    proxy: Object.fromEntries(
      ['/api', '/pki', '/sandbox'].map((path) => [path, { target: platform, changeOrigin: false }]),
    ),
  },
  test: { name: 'app', environment: 'happy-dom', include: ['src/**/*.test.ts'], passWithNoTests: true },
})
