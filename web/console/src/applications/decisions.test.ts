import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeDecisions, type Decision } from './decisions'

const decision = (id: string): Decision => ({ id, version: 3, name: '韦桂花', kind: 'approve', reason: '' })

describe('a decision', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const setup = (send = vi.fn(() => Promise.resolve())) => {
    const desk = { send, done: vi.fn(), failed: vi.fn() }
    return { desk, ...makeDecisions(desk, 5_000) }
  }

  it('is sent when the time to take it back is over', async () => {
    const { desk, decide, pending } = setup()
    decide(decision('a'))
    await vi.advanceTimersByTimeAsync(4_999)
    expect(desk.send).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(desk.send).toHaveBeenCalledTimes(1)
    expect(desk.done).toHaveBeenCalledTimes(1)
    expect(pending.value).toBeUndefined()
  })

  it('that is taken back in time is never sent', async () => {
    const { desk, decide, undo, pending } = setup()
    decide(decision('a'))
    expect(undo()?.id).toBe('a')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(desk.send).not.toHaveBeenCalled()
    expect(pending.value).toBeUndefined()
    expect(undo()).toBeUndefined()
  })

  it('is sent at once when the next one is made', async () => {
    const { desk, decide, pending } = setup()
    decide(decision('a'))
    decide(decision('b'))
    await vi.advanceTimersByTimeAsync(0)
    expect(desk.send).toHaveBeenCalledTimes(1)
    expect(pending.value?.id).toBe('b')
  })

  it('that is under way cannot be taken back or sent twice', async () => {
    let answer = (): void => undefined
    const slow = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
    const { decide, undo, flush, pending } = setup(slow)
    decide(decision('a'))
    const first = flush()
    expect(undo()).toBeUndefined()
    void flush()
    expect(slow).toHaveBeenCalledTimes(1)
    answer()
    await first
    expect(pending.value).toBeUndefined()
  })

  it('that is refused by the platform is told and gone', async () => {
    const { desk, decide, flush, pending } = setup(vi.fn(() => Promise.reject(new Error('409'))))
    decide(decision('a'))
    await flush()
    expect(desk.failed).toHaveBeenCalledTimes(1)
    expect(desk.done).not.toHaveBeenCalled()
    expect(pending.value).toBeUndefined()
  })
})
