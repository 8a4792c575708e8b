import { describe, expect, it } from 'vitest'
import { qrShape } from './qr'

describe('a drawn code', () => {
  it('has the finder pattern in its corner', () => {
    const { size, path } = qrShape('https://example.com/s#abc.def.ghi')
    expect((size - 17) % 4).toBe(0)
    expect(path.startsWith('M0 0h7v1h-7z')).toBe(true)
  })

  it('differs when the text differs by one letter', () => {
    expect(qrShape('https://example.com/s#a').path).not.toBe(qrShape('https://example.com/s#b').path)
  })

  it('stays small enough to be read from a screen for a code as the platform makes them', () => {
    const text = `https://ca.example.gov.cn/s#${'A'.repeat(22)}.${'b'.repeat(6)}.${'C'.repeat(16)}`
    expect(qrShape(text).size).toBeLessThanOrEqual(41)
  })
})
