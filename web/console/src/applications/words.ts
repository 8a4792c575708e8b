import type {
  Ageing,
  ApplicationKind,
  ApplicationState,
  EnterpriseFacts,
  QueueItem,
} from '@guiqian/shared/api'

export type Tab = ApplicationState | 'all'

/** The tabs of the queue, in the order of a reviewer's day. */
export const TABS: readonly Tab[] = [
  'with_reviewer',
  'with_second_reviewer',
  'refused',
  'ready',
  'done',
  'withdrawn',
  'all',
]
export const AGES: readonly Ageing[] = ['fresh', 'due', 'late']
export const HANDS = ['mine', 'unassigned'] as const
export const SORTS = ['oldest', 'newest'] as const
export const KINDS: readonly ApplicationKind[] = [
  'personal_certificate',
  'personal_renewal',
  'personal_reapplication',
  'personal_recovery',
  'enterprise_claim',
  'enterprise_join',
  'enterprise_certificate',
  'enterprise_renewal',
  'enterprise_reapplication',
  'enterprise_recovery',
  'enterprise_change',
  'authorisation',
  'admin_transfer',
  'admin_transfer_by_form',
]

/** How long somebody has been waiting, in the one unit that matters. */
export function waited(since: string, now: Date): { unit: 'Now' | 'Minutes' | 'Hours' | 'Days'; n: number } {
  const minutes = Math.floor((now.getTime() - new Date(since).getTime()) / 60_000)
  if (minutes < 1) return { unit: 'Now', n: 0 }
  if (minutes < 60) return { unit: 'Minutes', n: minutes }
  if (minutes < 48 * 60) return { unit: 'Hours', n: Math.floor(minutes / 60) }
  return { unit: 'Days', n: Math.floor(minutes / (24 * 60)) }
}

export function tone(state: ApplicationState): '' | 'tag--ok' | 'tag--warn' | 'tag--danger' | 'tag--info' {
  switch (state) {
    case 'with_reviewer':
    case 'with_second_reviewer':
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
  items: readonly Pick<QueueItem, 'id'>[],
  chosen: string | undefined,
  step: 1 | -1,
): string | undefined {
  const at = items.findIndex((item) => item.id === chosen)
  if (at === -1) return items[step === 1 ? 0 : items.length - 1]?.id
  return items[Math.min(Math.max(at + step, 0), items.length - 1)]?.id
}

export const FACTS = [
  'name',
  'credit_code',
  'legal_person_name',
  'legal_person_id_type',
  'legal_person_id_number',
] as const

export interface Difference {
  fact: (typeof FACTS)[number]
  before?: string | null
  after: string
  changed: boolean
}

/** What an enterprise is to be called beside what it is called now. */
export function differences(
  now: Partial<Record<(typeof FACTS)[number], string | null>> | undefined,
  facts: EnterpriseFacts,
): Difference[] {
  return FACTS.map((fact) => {
    const before = now?.[fact]
    return { fact, before, after: facts[fact], changed: now !== undefined && before !== facts[fact] }
  })
}

/** A credit code as people read it: registry, kind, region, body, check character. */
export const groupCreditCode = (code: string): string =>
  code.length === 18 ? `${code.slice(0, 2)} ${code.slice(2, 8)} ${code.slice(8, 17)} ${code.slice(17)}` : code
