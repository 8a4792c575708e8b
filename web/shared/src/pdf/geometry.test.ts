import { describe, expect, it } from 'vitest'
import { keepOnPage, paperName, pointsToMm, roundMm, scaleToFit, snap } from './geometry'

const a4 = { width_mm: 210, height_mm: 297 }
const seal = { x_mm: 10, y_mm: 20, width_mm: 42, height_mm: 42 }

describe('lengths on a page', () => {
  it('turns an A4 page of 595.276 by 841.89 points into 210 by 297 mm', () => {
    expect(roundMm(pointsToMm(595.276))).toBe(210)
    expect(roundMm(pointsToMm(841.89))).toBe(297)
  })

  it('fits a page to the width it is given and multiplies by the zoom', () => {
    expect(scaleToFit(840, a4, 1)).toBe(4)
    expect(scaleToFit(840, a4, 1.5)).toBe(6)
    expect(scaleToFit(2000, a4, 1, 840)).toBe(4)
  })

  it('keeps a page visible even when there is no room yet', () => {
    expect(scaleToFit(0, a4, 1)).toBeGreaterThan(0)
  })
})

describe('a seal on a page', () => {
  it('stays where it is while it lies on the page', () => {
    expect(keepOnPage(seal, a4)).toEqual(seal)
  })

  it('is moved back the shortest way when it sticks out', () => {
    expect(keepOnPage({ ...seal, x_mm: 200, y_mm: -3 }, a4)).toMatchObject({ x_mm: 168, y_mm: 0 })
  })

  it('sticks to the top-left corner when it is larger than the page', () => {
    expect(keepOnPage({ ...seal, width_mm: 300, x_mm: 50 }, a4).x_mm).toBe(0)
  })

  it('is pulled to the middle of the page only from nearby', () => {
    const near = snap({ ...seal, x_mm: 83 }, a4, [])
    expect(near.rect.x_mm).toBe(84)
    expect(near.x).toBe(105)
    const far = snap({ ...seal, x_mm: 80 }, a4, [])
    expect(far.rect.x_mm).toBe(80)
    expect(far.x).toBeUndefined()
  })

  it('prefers the nearest of several lines', () => {
    const other = { x_mm: 83.4, y_mm: 100, width_mm: 42, height_mm: 42 }
    expect(snap({ ...seal, x_mm: 83.2 }, a4, [other]).x).toBeCloseTo(104.4)
  })
})

describe('paper names', () => {
  it('knows A4 in either orientation and admits what it does not know', () => {
    expect(paperName(a4)).toBe('A4')
    expect(paperName({ width_mm: 297, height_mm: 210 })).toBe('A4')
    expect(paperName({ width_mm: 100, height_mm: 100 })).toBeUndefined()
  })
})
