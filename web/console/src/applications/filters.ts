// What the queue shows, as it stands in the page's address: a filter can be sent to a colleague, and survives a reload.
import type { Ageing, ApplicationKind, ApplicationState, QueueQuery } from '@guiqian/shared/api'
import { AGES, HANDS, KINDS, SORTS, TABS, type Tab } from './words'

export interface Filters {
  tab: Tab
  kind?: ApplicationKind
  institution?: string
  age?: Ageing
  hand?: (typeof HANDS)[number]
  sort?: (typeof SORTS)[number]
  q: string
}

type Address = Record<string, unknown>

const one = <T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((word) => word === value)
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What an address asks for; whatever it says that is none of our words is ignored. */
export function fromAddress(query: Address): Filters {
  return {
    tab: one(TABS, query.state) ?? 'with_reviewer',
    kind: one(KINDS, query.kind),
    institution:
      typeof query.institution === 'string' && UUID.test(query.institution) ? query.institution : undefined,
    age: one(AGES, query.age),
    hand: one(HANDS, query.hand),
    sort: one(SORTS, query.sort),
    q: typeof query.q === 'string' ? query.q.slice(0, 50) : '',
  }
}

/** The address of these filters; what is as usual is left out. */
export function toAddress(filters: Filters): Record<string, string | undefined> {
  return {
    state: filters.tab === 'with_reviewer' ? undefined : filters.tab,
    kind: filters.kind,
    institution: filters.institution,
    age: filters.age,
    hand: filters.hand,
    sort: filters.sort,
    q: filters.q || undefined,
  }
}

/** What the platform is asked. */
export function toQuery(filters: Filters): QueueQuery {
  return {
    state: filters.tab === 'all' ? undefined : (filters.tab as ApplicationState),
    kind: filters.kind,
    institution_id: filters.institution,
    age: filters.age,
    hand: filters.hand,
    sort: filters.sort,
    q: filters.q.trim() || undefined,
  }
}

/** How many filters beside tab and search narrow the list. */
export const narrowed = (filters: Filters): number =>
  [filters.kind, filters.institution, filters.age, filters.hand].filter(Boolean).length
