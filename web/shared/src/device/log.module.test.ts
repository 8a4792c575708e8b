// The module itself, on answers that the server's own tests have made (crates/server/tests/keys/transparency.rs).
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { CertificateUses, LogConsistency, LogHead } from '../api/types'
import { checkUses, type LogSurroundings } from './log'
import type { LogRecord } from './store'

const wasm = resolve(import.meta.dirname, '../../wasm/device_bg.wasm')
const vector = JSON.parse(readFileSync(resolve(import.meta.dirname, 'log.vector.json'), 'utf8')) as {
  earlier: LogHead
  page: CertificateUses
  consistency: LogConsistency
}

async function check(page: CertificateUses, earlier: LogHead = vector.earlier) {
  const module = await import('../../wasm/device.js')
  module.initSync({ module: readFileSync(wasm) })
  let seen: LogRecord | undefined = { id: 'log', publicKey: earlier.public_key, head: earlier }
  const around: LogSurroundings = {
    load: async () => module,
    seen: { get: async () => seen, put: async (record) => void (seen = record) },
    consistency: async () => vector.consistency,
    now: () => Date.now(),
  }
  const own = page.items.map((item) => item.target_id ?? '')
  const { log, uses } = await checkUses(page, own, around)
  return { log, uses: [...uses.values()], seen }
}

const copy = () => structuredClone(vector.page)

test.skipIf(!existsSync(wasm))('the module proves what the server made', async () => {
  const { log, uses, seen } = await check(copy())
  expect(log).toBe('ok')
  expect(uses.length).toBeGreaterThan(3)
  expect(new Set(uses)).toEqual(new Set(['proven']))
  expect(seen?.head.size).toBe(vector.page.head.size)
})

test.skipIf(!existsSync(wasm))('the module finds what was changed', async () => {
  const entry = copy()
  entry.items[0]!.detail = entry.items[0]!.detail.replace('login', 'sign')
  expect((await check(entry)).uses[0]).toBe('wrong')
  const actor = copy()
  actor.items[0]!.actor_id = undefined
  expect((await check(actor)).uses[0]).toBe('wrong')
  const root = copy()
  root.head.root = vector.earlier.root
  expect((await check(root)).log).toBe('unsigned')
  const proof = vector.consistency.proof
  vector.consistency.proof = []
  expect((await check(copy())).log).toBe('rewritten')
  vector.consistency.proof = proof
})
