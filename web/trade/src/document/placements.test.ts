import { describe, expect, it } from 'vitest'
import {
  add,
  addInMiddle,
  move,
  nudge,
  onEveryPage,
  remove,
  restored,
  toRequest,
  type Placements,
} from './placements'

const a4 = { width_mm: 210, height_mm: 297 }
const pages = [a4, a4, { width_mm: 297, height_mm: 210 }]
const seal = {
  id: 's1',
  kind: 'private_seal',
  name: '张三',
  width_mm: 30,
  height_mm: 12,
  png: '',
  enterprise: null,
}
const at = (page: number, x_mm: number, y_mm: number) => ({
  page,
  x_mm,
  y_mm,
  width_mm: 30,
  height_mm: 12,
  appearance_id: 's1',
})
const one = add([], pages, at(1, 100, 200))

describe('placing seals', () => {
  it('puts a seal in the middle of a page at its true size', () => {
    expect(addInMiddle([], pages, 1, seal)).toMatchObject([
      { page: 1, x_mm: 90, y_mm: 142.5, width_mm: 30, height_mm: 12 },
    ])
  })

  it('does not hide a second seal under the first', () => {
    const two = addInMiddle(addInMiddle([], pages, 1, seal), pages, 1, seal)
    expect(two[1]).toMatchObject({ x_mm: 98, y_mm: 150.5 })
  })

  it('keeps a seal wholly on its page', () => {
    expect(add([], pages, at(1, 205, -4))[0]).toMatchObject({ x_mm: 180, y_mm: 0 })
  })

  it('ignores a page that does not exist', () => {
    expect(add([], pages, at(9, 1, 1))).toEqual([])
    expect(move(one, pages, 1, { page: 9 })).toEqual(one)
  })

  it('moves by whole steps and stops at the edge', () => {
    expect(nudge(one, pages, 1, 1, 0)[0]?.x_mm).toBe(101)
    expect(nudge(one, pages, 1, -500, 0)[0]?.x_mm).toBe(0)
  })

  it('moves to a page of another shape and stays on it', () => {
    expect(move(one, pages, 1, { page: 3, y_mm: 290 })[0]).toMatchObject({ page: 3, y_mm: 198 })
  })

  it('ignores a number that is none', () => {
    expect(move(one, pages, 1, { x_mm: Number.NaN })).toEqual(one)
  })

  it('removes only the one that is meant', () => {
    const two = add(one, pages, at(2, 10, 10))
    expect(remove(two, 1).map((p) => p.page)).toEqual([2])
  })

  it('repeats a seal on every page once', () => {
    const all = onEveryPage(one, pages, 1)
    expect(all.map((p) => p.page)).toEqual([1, 2, 3])
    expect(new Set(all.map((p) => p.key)).size).toBe(3)
    expect(onEveryPage(all, pages, 1).filter((p) => p.page < 3)).toHaveLength(2)
  })

  it('is sent in reading order with tenths of a millimetre', () => {
    const list: Placements = [
      { ...at(2, 10, 10), key: 1 },
      { ...at(1, 20.04, 90), key: 2 },
      { ...at(1, 50, 30), key: 3 },
    ]
    expect(toRequest(list)).toEqual([at(1, 50, 30), at(1, 20, 90), at(2, 10, 10)])
  })
})

describe('placements kept from an earlier visit', () => {
  it('come back with the present size of the seal', () => {
    expect(restored([{ ...at(1, 10, 10), width_mm: 99 }], pages, [seal])).toMatchObject([at(1, 10, 10)])
  })

  it('are dropped when their seal or page is gone, or when they are rubbish', () => {
    expect(restored([at(1, 10, 10)], pages, [])).toEqual([])
    expect(restored([at(7, 10, 10)], pages, [seal])).toEqual([])
    for (const rubbish of [null, 'x', {}, [null, 1, { page: 'one' }]])
      expect(restored(rubbish, pages, [seal])).toEqual([])
  })
})
