// What `cargo xtask e2e` hands over; the defaults serve `npx playwright test` in this folder.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const target = resolve(import.meta.dirname, '../../target')

export const artifacts = process.env.GUIQIAN_ARTIFACTS ?? `${target}/artifacts`
export const platformProgram = process.env.GUIQIAN_PLATFORM_PROGRAM ?? `${target}/debug/guiqian`
export const tradeProgram = process.env.GUIQIAN_TRADE_PROGRAM ?? `${target}/debug/trade`
export const chromium = process.env.GUIQIAN_CHROMIUM ?? '/usr/bin/chromium'
/** The OpenSSL 4 that `cargo xtask test` builds; without it the outside checks are skipped. */
export const openssl4 = [process.env.GUIQIAN_OPENSSL4].find((path) => path && existsSync(path))
/** File that takes measurements as lines of JSON. */
export const benchFile = process.env.GUIQIAN_BENCH
