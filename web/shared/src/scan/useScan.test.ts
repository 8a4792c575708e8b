import { effectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ScanListener, ScanSource } from './source'
import { useScan, type ScanRun } from './useScan'

interface Fake extends ScanSource {
  listener?: ScanListener
  cancelled: string[]
  ended: number
}

function fake(change: Partial<ScanSource> = {}): Fake {
  let number = 0
  const source: Fake = {
    cancelled: [],
    ended: 0,
    start: () =>
      Promise.resolve({
        id: `r${++number}`,
        check_number: '4821',
        expires_at: new Date(Date.now() + 60_000).toISOString(),
      }),
    listen(_, listener) {
      source.listener = listener
      return () => source.ended++
    },
    cancel(id) {
      source.cancelled.push(id)
      return Promise.resolve()
    },
    finish: () => Promise.resolve(),
    ...change,
  }
  return source
}

function run(source: ScanSource, onDone = (): void => undefined): { it: ScanRun; leave: () => void } {
  const scope = effectScope()
  const scan = scope.run(() => useScan(() => source, onDone))
  if (!scan) throw new Error('no scope')
  return { it: scan, leave: () => scope.stop() }
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

describe('one scan', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('takes the answer once when the phone confirms, and says that it is done', async () => {
    const done = vi.fn()
    const finish = vi.fn(() => Promise.resolve())
    const source = fake({ finish })
    const { it: scan } = run(source, done)
    await scan.start()
    source.listener?.state('confirmed')
    source.listener?.state('confirmed')
    await settle()
    expect(finish).toHaveBeenCalledExactlyOnceWith('r1')
    expect(done).toHaveBeenCalledOnce()
    expect(scan.scan.value.phase.name).toBe('done')
    expect(source.ended).toBe(1)
  })

  it('cancels the request when the dialog closes while a code is shown', async () => {
    const source = fake()
    const { it: scan, leave } = run(source)
    await scan.start()
    leave()
    expect(source.cancelled).toEqual(['r1'])
  })

  it('cancels a request that arrives after the dialog was closed', async () => {
    const source = fake()
    const { it: scan } = run(source)
    const starting = scan.start()
    scan.stop()
    await starting
    expect(source.cancelled).toEqual(['r1'])
    expect(source.listener).toBeUndefined()
  })

  it('does not cancel what the phone has already confirmed', async () => {
    const source = fake({ finish: () => new Promise(() => undefined) })
    const { it: scan } = run(source)
    await scan.start()
    source.listener?.state('confirmed')
    scan.stop()
    expect(source.cancelled).toEqual([])
  })

  it('takes the answer again, without a new code, when only that failed', async () => {
    const finish = vi.fn().mockRejectedValueOnce('offline').mockResolvedValue(undefined)
    const source = fake({ finish })
    const { it: scan } = run(source)
    await scan.start()
    source.listener?.state('confirmed')
    await settle()
    expect(scan.scan.value.phase).toMatchObject({ name: 'failed', retry: 'finish', error: 'offline' })
    await scan.retry()
    expect(finish).toHaveBeenCalledTimes(2)
    expect(scan.scan.value.request?.id).toBe('r1')
    expect(scan.scan.value.phase.name).toBe('done')
  })

  it('ends by itself when the platform stays silent past the end', async () => {
    const source = fake()
    const { it: scan } = run(source)
    await scan.start()
    await vi.advanceTimersByTimeAsync(59_000)
    expect(scan.scan.value.phase.name).toBe('waiting')
    await vi.advanceTimersByTimeAsync(6_000)
    expect(scan.scan.value.phase.name).toBe('expired')
  })

  it('asks anew after a refusal', async () => {
    const source = fake()
    const { it: scan } = run(source)
    await scan.start()
    source.listener?.state('refused')
    await scan.retry()
    expect(scan.scan.value.request?.id).toBe('r2')
    expect(scan.scan.value.phase.name).toBe('waiting')
  })

  it('ignores what the listener of an earlier request still says', async () => {
    const source = fake()
    const { it: scan } = run(source)
    await scan.start()
    const old = source.listener
    await scan.start()
    old?.state('refused')
    expect(scan.scan.value.phase.name).toBe('waiting')
  })
})
