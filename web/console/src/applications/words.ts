import type { ConsoleApplication } from '@guiqian/shared/api'
import type { ApplicationState } from '@guiqian/shared/api'

/** The tabs of the queue, in the order of a reviewer's day. */
export const TABS: readonly (ApplicationState | 'all')[] = [
  'with_reviewer',
  'refused',
  'ready',
  'done',
  'withdrawn',
  'all',
]

/** How long somebody has been waiting, in the one unit that matters. */
export function waited(since: string, now: Date): { unit: 'Now' | 'Minutes' | 'Hours' | 'Days'; n: number } {
  const minutes = Math.floor((now.getTime() - new Date(since).getTime()) / 60_000)
  if (minutes < 1) return { unit: 'Now', n: 0 }
  if (minutes < 60) return { unit: 'Minutes', n: minutes }
  if (minutes < 48 * 60) return { unit: 'Hours', n: Math.floor(minutes / 60) }
  return { unit: 'Days', n: Math.floor(minutes / (24 * 60)) }
}

/** A working day is what people are promised; after two it hurts. */
export function ageing(since: string, now: Date): 'fresh' | 'due' | 'late' {
  const hours = (now.getTime() - new Date(since).getTime()) / 3_600_000
  if (hours < 8) return 'fresh'
  return hours < 48 ? 'due' : 'late'
}

export function tone(state: ApplicationState): '' | 'tag--ok' | 'tag--warn' | 'tag--danger' | 'tag--info' {
  switch (state) {
    case 'with_reviewer':
    case 'with_admin':
      return 'tag--warn'
    case 'refused':
      return 'tag--danger'
    case 'done':
      return 'tag--ok'
    case 'approved':
    case 'payment_due':
    case 'ready':
      return 'tag--info'
    default:
      return ''
  }
}

/** The row `step` away from the chosen one; at the ends it stays. */
export function neighbour(
  items: readonly Pick<ConsoleApplication, 'id'>[],
  chosen: string | undefined,
  step: 1 | -1,
): string | undefined {
  const at = items.findIndex((item) => item.id === chosen)
  if (at === -1) return items[step === 1 ? 0 : items.length - 1]?.id
  return items[Math.min(Math.max(at + step, 0), items.length - 1)]?.id
}
