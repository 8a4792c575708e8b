/**
 * Checks what the platform says was done with a key against its transparency log (docs/transparency.md).
 *
 * The log's key is believed on first sight and the newest head is remembered: from then on the platform cannot show
 * this browser a history that differs from the one it has shown before.
 */
import type { CertificateUse, CertificateUses, LogConsistency, LogHead } from '../api/types'
import { get } from '../api/http'
import { fromBase64 } from '../base64'
import { load, type Module } from './module'
import { seenLog, type LogRecord } from './store'
import { fromUuid } from './uuid'

/** Proven, too young to be proven yet, or not what the log says. */
export type UseVerdict = 'proven' | 'young' | 'wrong'

/** The log as a whole: fine, signed by another key than before, wrongly signed, or with another history than before. */
export type LogVerdict = 'ok' | 'other_key' | 'unsigned' | 'rewritten'

export interface UsesVerdict {
  log: LogVerdict
  /** By place in the log. */
  uses: Map<number, UseVerdict>
}

/** Entries are covered within seconds; one that is not after this long is being held back. */
const PATIENCE = 60 * 60_000

/** What the checks need of the outside, so that tests can stand in for it. */
export interface LogSurroundings {
  load: () => Promise<Pick<Module, 'LogHead' | 'logEntryDigest'>>
  seen: { get(): Promise<LogRecord | undefined>; put(record: LogRecord): Promise<unknown> }
  consistency: (from: number, to: number) => Promise<LogConsistency>
  now: () => number
}

const outside: LogSurroundings = {
  load,
  seen: seenLog,
  consistency: (from, to) => get<LogConsistency>('/api/log/consistency', { from, to }),
  now: () => Date.now(),
}

/** Checks a page of uses of the key and certificate that `own` names. */
export async function checkUses(
  page: CertificateUses,
  own: string[],
  { load, seen, consistency, now }: LogSurroundings = outside,
): Promise<UsesVerdict> {
  const module = await load()
  const none = (log: LogVerdict): UsesVerdict => ({
    log,
    uses: new Map(page.items.map((item) => [item.seq, 'wrong'])),
  })
  const known = await seen.get()
  if (known && known.publicKey !== page.head.public_key) return none('other_key')
  const head = open(module, page.head, page.head.public_key)
  if (!head) return none('unsigned')
  try {
    if (known) {
      const before = open(module, known.head, known.publicKey)
      if (!before) return none('unsigned')
      const shorter = Math.min(known.head.size, page.head.size)
      const longer = Math.max(known.head.size, page.head.size)
      const proof = shorter === longer ? [] : (await consistency(shorter, longer)).proof
      // Nodes of one platform may be some seconds apart: an older head must fit too.
      const [small, large] = known.head.size <= page.head.size ? [before, head] : [head, before]
      const continues = large.continues(small, join(proof))
      before.free()
      if (!continues) return none('rewritten')
    }
    if (!known || page.head.size > known.head.size) {
      const { size, timestamp_ms, root, signature } = page.head
      await seen.put({
        id: 'log',
        publicKey: page.head.public_key,
        head: { size, timestamp_ms, root, signature },
      })
    }
    const judge = (item: CertificateUse): UseVerdict => {
      if (!item.target_id || !own.includes(item.target_id)) return 'wrong'
      if (!item.proof) return item.seq > page.head.size && now() - item.at < PATIENCE ? 'young' : 'wrong'
      return head.includes(digest(module, item), item.seq, join(item.proof)) ? 'proven' : 'wrong'
    }
    return { log: 'ok', uses: new Map(page.items.map((item) => [item.seq, guarded(judge, item)])) }
  } finally {
    head.free()
  }
}

/** What cannot even be read is wrong. */
function guarded(judge: (item: CertificateUse) => UseVerdict, item: CertificateUse): UseVerdict {
  try {
    return judge(item)
  } catch {
    return 'wrong'
  }
}

function open(module: Pick<Module, 'LogHead'>, head: LogRecord['head'] | LogHead, publicKey: string) {
  try {
    return new module.LogHead(
      fromBase64(publicKey),
      head.size,
      head.timestamp_ms,
      fromBase64(head.root),
      fromBase64(head.signature),
    )
  } catch {
    return undefined
  }
}

function digest(module: Pick<Module, 'logEntryDigest'>, item: CertificateUse): Uint8Array {
  return module.logEntryDigest(
    fromBase64(item.previous),
    item.seq,
    item.at,
    item.actor_kind,
    item.actor_id ? fromUuid(item.actor_id) : undefined,
    item.action,
    item.target_kind,
    item.target_id ? fromUuid(item.target_id) : undefined,
    item.detail,
  )
}

function join(hashes: string[]): Uint8Array {
  const parts = hashes.map(fromBase64)
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    octets.set(part, at)
    at += part.length
  }
  return octets
}
