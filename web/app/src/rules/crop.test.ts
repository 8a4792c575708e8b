import { describe, expect, it } from 'vitest'
import { dragged, isWhole, pixels, turned, WHOLE } from './crop'

const frame = { left: 0.2, top: 0.1, right: 0.8, bottom: 0.9 }

describe("a cropper's frame", () => {
  it('follows the corner that is dragged and leaves the others', () => {
    const next = dragged(frame, 'se', -0.1, -0.2)
    expect(next).toMatchObject({ left: 0.2, top: 0.1 })
    expect(next.right).toBeCloseTo(0.7)
    expect(next.bottom).toBeCloseTo(0.7)
  })

  it('stays on the picture, whatever the finger does', () => {
    expect(dragged(frame, 'nw', -5, -5)).toMatchObject({ left: 0, top: 0 })
    const moved = dragged(frame, 'all', 5, -5)
    expect(moved.right).toBeCloseTo(1)
    expect(moved.left).toBeCloseTo(0.4)
    expect(moved.top).toBeCloseTo(0)
    expect(moved.bottom).toBeCloseTo(0.8)
  })

  it('does not collapse', () => {
    const next = dragged(frame, 'e', -5, 0)
    expect(next.right - next.left).toBeCloseTo(0.08)
  })

  it('keeps the same piece when the picture is turned, and is itself again after four turns', () => {
    expect(turned(frame)).toEqual({ left: expect.closeTo(0.1), right: 0.9, top: 0.2, bottom: 0.8 })
    const back = turned(turned(turned(turned(frame))))
    for (const edge of ['left', 'top', 'right', 'bottom'] as const)
      expect(back[edge]).toBeCloseTo(frame[edge])
  })

  it('names pixels', () => {
    expect(pixels(frame, 1000, 500)).toEqual({ x: 200, y: 50, width: 600, height: 400 })
    expect(pixels(WHOLE, 3, 3)).toEqual({ x: 0, y: 0, width: 3, height: 3 })
    expect(isWhole(WHOLE)).toBe(true)
    expect(isWhole(frame)).toBe(false)
  })
})
