import { expect, test } from 'vitest'
import { serialsOf } from './serials'

test('pasted serial numbers are taken apart at lines and commas, not within', () => {
  expect(serialsOf(' 0a:1b 2c\n\nff00, 1234；\n')).toEqual(['0a:1b 2c', 'ff00', '1234'])
  expect(serialsOf(' \n')).toEqual([])
})
