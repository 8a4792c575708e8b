import { expect, it } from 'vitest'
import { nudged } from './seal-drag'

const page = { width_mm: 210, height_mm: 297 }
const seal = { page: 1, x_mm: 130, y_mm: 200, width_mm: 40, height_mm: 40 }

it('an arrow key moves the seal by one millimetre', () => {
  expect(nudged(seal, page, -1, 0)).toEqual({ ...seal, x_mm: 129 })
  expect(nudged(seal, page, 0, 1)).toEqual({ ...seal, y_mm: 201 })
})

it('the seal stays on its page', () => {
  expect(nudged({ ...seal, x_mm: 170 }, page, 10, 0).x_mm).toBe(170)
  expect(nudged({ ...seal, y_mm: 0.4 }, page, 0, -1).y_mm).toBe(0)
})
