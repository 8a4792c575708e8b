import { beforeEach, expect, test } from 'vitest'
import type { CertificateUse, CertificateUses } from '../api/types'
import { toBase64 } from '../base64'
import { checkUses, type LogSurroundings } from './log'
import type { LogRecord } from './store'

const OWN = '01935b1e-7c2a-7f00-8000-0123456789ab'
const HOUR = 3_600_000
const octet = (value: number) => toBase64(Uint8Array.of(value))

/** Stands in for the module: a signature is good when it is the key, a proof when it is the size of its log. */
class Head {
  constructor(
    key: Uint8Array,
    readonly size: number,
    _at: number,
    readonly root: Uint8Array,
    signature: Uint8Array,
  ) {
    if (key[0] !== signature[0]) throw new Error('signature')
  }
  continues(earlier: Head, proof: Uint8Array): boolean {
    return this.size === earlier.size ? this.root[0] === earlier.root[0] : proof[0] === this.size
  }
  includes(digest: Uint8Array, _seq: number, proof: Uint8Array): boolean {
    return digest[0] === 1 && proof[0] === this.size
  }
  free(): void {}
}

let stored: LogRecord | undefined
let bridge: number
let now: number
const around = {
  load: async () => ({
    LogHead: Head,
    logEntryDigest: (...fields: unknown[]) => Uint8Array.of(fields[8] === '{}' ? 1 : 0),
  }),
  seen: { get: async () => stored, put: async (record: LogRecord) => void (stored = record) },
  consistency: async (from: number, to: number) => ({ from, to, proof: [octet(bridge)] }),
  now: () => now,
} as unknown as LogSurroundings

beforeEach(() => {
  stored = undefined
  bridge = 9
  now = HOUR
})

const use = (seq: number, more: Partial<CertificateUse> = {}): CertificateUse => ({
  seq,
  at: HOUR,
  actor_kind: 'account',
  action: 'key.sign',
  target_kind: 'key',
  target_id: OWN,
  detail: '{}',
  previous: octet(0),
  digest: octet(0),
  proof: [octet(9)],
  ...more,
})

const page = (items: CertificateUse[], size = 9, root = 5, key = 7, signature = 7): CertificateUses => ({
  head: {
    size,
    timestamp_ms: HOUR,
    root: octet(root),
    signature: octet(signature),
    public_key: octet(key),
  },
  items,
})

const of = async (items: CertificateUse[]) => [...(await checkUses(page(items), [OWN], around)).uses.values()]

test('entries with a right proof are proven, and nothing else is', async () => {
  expect(await of([use(9), use(8)])).toEqual(['proven', 'proven'])
  expect(await of([use(8, { detail: '{"result":"ok"}' })])).toEqual(['wrong'])
  expect(await of([use(8, { proof: [octet(1)] })])).toEqual(['wrong'])
  expect(await of([use(8, { proof: ['not base64'] })])).toEqual(['wrong'])
  expect(await of([use(8, { target_id: undefined })])).toEqual(['wrong'])
  expect(await of([use(8, { target_id: OWN.replace('01', '02') })])).toEqual(['wrong'])
})

test('only an entry that the head cannot cover yet may lack its proof, and not for ever', async () => {
  const young = use(10, { proof: undefined })
  expect(await of([young])).toEqual(['young'])
  expect(await of([use(9, { proof: undefined })])).toEqual(['wrong'])
  now = 3 * HOUR
  expect(await of([young])).toEqual(['wrong'])
})

test('the key of first sight and the newest head are remembered', async () => {
  await checkUses(page([], 3), [OWN], around)
  expect(stored?.head.size).toBe(3)
  expect((await checkUses(page([], 9), [OWN], around)).log).toBe('ok')
  expect(stored?.head.size).toBe(9)
  // Another node that is a little behind.
  expect((await checkUses(page([], 3), [OWN], around)).log).toBe('ok')
  expect(stored?.head.size).toBe(9)
  const other = await checkUses(page([use(3)], 9, 5, 8, 8), [OWN], around)
  expect([other.log, ...other.uses.values()]).toEqual(['other_key', 'wrong'])
  expect(stored?.publicKey).toBe(octet(7))
})

test('a log that was rewritten or is not signed is an alarm and is not remembered', async () => {
  expect((await checkUses(page([], 9, 5, 7, 8), [OWN], around)).log).toBe('unsigned')
  expect(stored).toBeUndefined()
  await checkUses(page([], 3), [OWN], around)
  bridge = 1
  const longer = await checkUses(page([use(8)]), [OWN], around)
  expect([longer.log, ...longer.uses.values()]).toEqual(['rewritten', 'wrong'])
  expect((await checkUses(page([], 3, 6), [OWN], around)).log).toBe('rewritten')
  expect(stored?.head).toMatchObject({ size: 3, root: octet(5) })
})
