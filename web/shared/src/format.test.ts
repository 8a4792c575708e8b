import { describe, expect, it } from 'vitest'
import {
  daysUntil,
  formatBytes,
  formatCountdown,
  formatMoney,
  formatMonths,
  formatRelative,
  groupHex,
  groupIdNumber,
  groupPhone,
  mask,
  shortDigest,
} from './format'

describe('numbers are written for people', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [1536, '1.5 KB'],
    [8 * 1024 * 1024, '8 MB'],
    [150.4 * 1024, '150 KB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [0, '¥0.00'],
    [5, '¥0.05'],
    [12345, '¥123.45'],
    [123456789, '¥1,234,567.89'],
    [-2050, '-¥20.50'],
  ])('%d fen are %s', (fen, text) => expect(formatMoney(fen)).toBe(text))

  it('a countdown never shows less than zero', () => {
    expect(formatCountdown(65)).toBe('1:05')
    expect(formatCountdown(-3)).toBe('0:00')
  })

  it('phone and identity numbers are grouped as they are read out', () => {
    expect(groupPhone('13800138000')).toBe('138 0013 8000')
    expect(groupPhone('1380')).toBe('138 0')
    expect(groupIdNumber('450103199001011234')).toBe('450103 1990 0101 1234')
  })

  it('masking keeps the ends and never lengthens', () => {
    expect(mask('450103199001011234', 3, 4)).toBe('450***********1234')
    expect(mask('123', 2, 2)).toBe('123')
  })

  it('digests and serials are short enough to compare by eye', () => {
    expect(groupHex('0a1b2c3d4e')).toBe('0A1B 2C3D 4E')
    expect(shortDigest('0123456789abcdef0123', 4)).toBe('0123…0123')
  })

  it('validity is counted in years when it is whole years', () => {
    expect(formatMonths(12, 'zh-CN')).toBe('1年')
    expect(formatMonths(24, 'en')).toBe('2 years')
    expect(formatMonths(18, 'zh-CN')).toBe('18个月')
  })
})

describe('times are told from now', () => {
  const now = new Date(2026, 10, 24, 12, 0, 0)
  it.each([
    [new Date(2026, 10, 24, 11, 59, 40), '刚刚'],
    [new Date(2026, 10, 24, 11, 30), '30分钟前'],
    [new Date(2026, 10, 24, 8, 5), '今天 08:05'],
    [new Date(2026, 10, 23, 23, 59), '昨天 23:59'],
    [new Date(2026, 2, 1, 7, 0), '03-01 07:00'],
    [new Date(2025, 11, 31, 7, 0), '2025-12-31'],
  ])('%s reads %s', (then, text) => expect(formatRelative(then, now, 'zh-CN')).toBe(text))

  it('a certificate that ended counts below one day', () => {
    expect(daysUntil(new Date(2026, 10, 25, 12), now)).toBe(1)
    expect(daysUntil(new Date(2026, 10, 24, 11), now)).toBeLessThanOrEqual(0)
  })
})
