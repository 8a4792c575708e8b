/** How values are written for people: dates, sizes, money, masked and grouped numbers. Pure functions of their arguments. */

export type Locale = 'zh-CN' | 'en'

const pad = (n: number) => String(n).padStart(2, '0')

/** `2026-11-24` in the reader's time zone. */
export function formatDate(value: string | Date): string {
  const d = new Date(value)
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`
}

/** `2026-11-24 09:05` in the reader's time zone. */
export function formatDateTime(value: string | Date, seconds = false): string {
  const d = new Date(value)
  const time = `${pad(d.getHours())}:${pad(d.getMinutes())}`
  return `${formatDate(d)} ${time}${seconds ? `:${pad(d.getSeconds())}` : ''}`
}

/** `刚刚`, `5分钟前`, `昨天 09:05`, then the date; the future is written as the date. */
export function formatRelative(value: string | Date, now: Date, locale: Locale): string {
  const then = new Date(value)
  const seconds = (now.getTime() - then.getTime()) / 1000
  const zh = locale === 'zh-CN'
  if (seconds < -60) return formatDateTime(then)
  if (seconds < 60) return zh ? '刚刚' : 'just now'
  if (seconds < 3600) {
    const minutes = Math.floor(seconds / 60)
    return zh ? `${minutes}分钟前` : `${minutes} min ago`
  }
  const time = `${pad(then.getHours())}:${pad(then.getMinutes())}`
  const days = dayNumber(now) - dayNumber(then)
  if (days === 0) return zh ? `今天 ${time}` : `today ${time}`
  if (days === 1) return zh ? `昨天 ${time}` : `yesterday ${time}`
  return then.getFullYear() === now.getFullYear()
    ? `${pad(then.getMonth() + 1)}-${pad(then.getDate())} ${time}`
    : formatDate(then)
}

function dayNumber(d: Date): number {
  return Math.floor(Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) / 86_400_000)
}

/** Whole days from `now` until `value`, rounded up; zero and below once it has passed. */
export function daysUntil(value: string | Date, now: Date): number {
  return Math.ceil((new Date(value).getTime() - now.getTime()) / 86_400_000)
}

/** `1:05` from a number of seconds; never negative. */
export function formatCountdown(seconds: number): string {
  const s = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(s / 60)}:${pad(s % 60)}`
}

/** `1.2 MB` (powers of 1024, at most one decimal). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const text = unit === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '')
  return `${text} ${units[unit]}`
}

/** Money is counted in fen; `12345` is written `¥123.45`. */
export function formatMoney(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const yuan = Math.floor(Math.abs(fen) / 100)
  return `${sign}¥${String(yuan).replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${pad(Math.abs(fen) % 100)}`
}

/** `138 0013 8000`: the way people read mobile numbers out. */
export function groupPhone(phone: string): string {
  const digits = phone.replace(/\s/g, '')
  return [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)].filter(Boolean).join(' ')
}

/** `450103 1990 0101 1234`: area, year, day, sequence. */
export function groupIdNumber(id: string): string {
  const text = id.replace(/\s/g, '')
  return [text.slice(0, 6), text.slice(6, 10), text.slice(10, 14), text.slice(14)].filter(Boolean).join(' ')
}

/** Keeps the first `head` and the last `tail` characters. */
export function mask(value: string, head: number, tail: number): string {
  if (value.length <= head + tail) return value
  return value.slice(0, head) + '*'.repeat(value.length - head - tail) + value.slice(-tail)
}

/** Groups hexadecimal (serials, digests) in fours. */
export function groupHex(hex: string): string {
  return hex.toUpperCase().replace(/(.{4})(?=.)/g, '$1 ')
}

/** First and last `n` characters of a digest, enough to compare by eye. */
export function shortDigest(hex: string, n = 8): string {
  return hex.length <= 2 * n ? hex : `${hex.slice(0, n)}…${hex.slice(-n)}`
}

/** Validity in the unit people buy it in. */
export function formatMonths(months: number, locale: Locale): string {
  if (months % 12 === 0) {
    const years = months / 12
    return locale === 'zh-CN' ? `${years}年` : `${years} year${years === 1 ? '' : 's'}`
  }
  return locale === 'zh-CN' ? `${months}个月` : `${months} months`
}
