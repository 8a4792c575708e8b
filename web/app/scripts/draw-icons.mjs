// Draws the installable icons from the one logo. Run after changing it: node scripts/draw-icons.mjs
import { readFile, writeFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const logo = await readFile(new URL('../../shared/src/icons/logo.svg', import.meta.url), 'utf8')
const out = (name) => new URL(`../public/${name}`, import.meta.url)
await writeFile(out('icon.svg'), logo)

// Maskable and Apple icons are cut by the system: full bleed, and the picture well inside the safe circle.
const bleed = (scale) =>
  `<div style="width:100%;height:100%;overflow:hidden;background:#08454a"><div style="width:100%;height:100%;transform:scale(${scale})">${logo.replace('rx="116"', 'rx="0"')}</div></div>`

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ],
})
for (const [name, size, body] of [
  ['icon-192.png', 192, logo],
  ['icon-512.png', 512, logo],
  ['icon-maskable-512.png', 512, bleed(1)],
  ['apple-touch-icon.png', 180, bleed(1)],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(
    `<style>*{margin:0}html,body,svg{width:100%;height:100%;display:block}</style>${body}`,
  )
  await page.screenshot({ path: out(name).pathname, omitBackground: true })
  await page.close()
}
await browser.close()
