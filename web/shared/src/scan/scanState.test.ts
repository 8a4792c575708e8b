import { describe, expect, it } from 'vitest'
import { initial, isOpen, secondsLeft, step, type Scan, type ScanEvent } from './scanState'

const request = { id: 'r', check_number: '4821', expires_at: '2026-01-01T00:02:00Z' }
const code = (text: string): ScanEvent => ({ type: 'code', code: { code: text, check_number: '4821' } })
const run = (...events: ScanEvent[]): Scan => events.reduce(step, initial)
const started: ScanEvent = { type: 'started', request }

describe('the scan dialog', () => {
  it('shows each new code in place of the one before and counts the turns', () => {
    const scan = run(started, code('a'), code('b'))
    expect(scan.phase).toEqual({ name: 'waiting', code: 'b', turn: 2 })
  })

  it('goes from waiting over claimed and finishing to done', () => {
    const claimed = run(started, code('a'), { type: 'state', state: 'claimed' })
    expect(claimed.phase.name).toBe('claimed')
    const confirmed = step(claimed, { type: 'state', state: 'confirmed' })
    expect(confirmed.phase.name).toBe('finishing')
    expect(step(confirmed, { type: 'finished' }).phase.name).toBe('done')
  })

  it('accepts a confirmation without having seen the claim', () => {
    expect(run(started, { type: 'state', state: 'confirmed' }).phase.name).toBe('finishing')
  })

  it('hides the code as soon as a phone has claimed it, and a late code does not bring it back', () => {
    const scan = run(started, code('a'), { type: 'state', state: 'claimed' }, code('b'))
    expect(scan.phase).toEqual({ name: 'claimed' })
  })

  it('stays refused whatever arrives late', () => {
    const refused = run(started, { type: 'state', state: 'refused' })
    for (const late of [
      code('x'),
      { type: 'state', state: 'confirmed' },
      { type: 'ranOut' },
      { type: 'lost' },
    ] as ScanEvent[])
      expect(step(refused, late)).toEqual(refused)
  })

  it('treats a request cancelled elsewhere as expired', () => {
    expect(run(started, { type: 'state', state: 'cancelled' }).phase.name).toBe('expired')
  })

  it('offers to take the answer again when only that failed', () => {
    const scan = run(
      started,
      { type: 'state', state: 'confirmed' },
      { type: 'finishFailed', error: 'offline' },
    )
    expect(scan.phase).toEqual({ name: 'failed', retry: 'finish', error: 'offline' })
  })

  it('offers to ask anew when the request could not be made', () => {
    expect(run({ type: 'startFailed' }).phase).toMatchObject({ name: 'failed', retry: 'start' })
  })

  it('knows that its code is stale while the connection is lost, and that it is fresh with the next code', () => {
    const lost = run(started, code('a'), { type: 'lost' })
    expect(lost.connected).toBe(false)
    expect(step(lost, code('b')).connected).toBe(true)
  })

  it('cancels on closing only while an answer is still expected', () => {
    expect(isOpen(run(started).phase)).toBe(true)
    expect(isOpen(run(started, { type: 'state', state: 'claimed' }).phase)).toBe(true)
    expect(isOpen(run(started, { type: 'state', state: 'confirmed' }).phase)).toBe(false)
    expect(isOpen(initial.phase)).toBe(false)
  })
})

describe('the countdown', () => {
  it('counts to the end of the request', () => {
    expect(secondsLeft(request.expires_at, Date.parse('2026-01-01T00:00:30Z'))).toBe(90)
  })

  it('does not believe a PC whose clock is an hour off', () => {
    expect(secondsLeft(request.expires_at, Date.parse('2026-01-01T01:00:00Z'))).toBe(120)
    expect(secondsLeft(request.expires_at, Date.parse('2025-12-31T23:00:00Z'))).toBe(120)
  })
})
