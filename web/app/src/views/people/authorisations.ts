import type { Authorisation } from '@guiqian/shared/api'

/** How the list is looked at: 按交易平台 or 按人员. */
export type Side = 'platform' | 'person'

/** The authorisations of one platform, or of one person. */
export interface Group {
  /** Id of the platform or the person; `all` for authorisations at every platform. */
  key: string
  name: string
  items: Authorisation[]
  /** How many are good now. */
  good: number
}

const keyOf = (item: Authorisation, side: Side) =>
  side === 'person' ? item.account_id : (item.platform?.id ?? 'all')

/** Groups in the order of their names; those with something that is good now come first. */
export function groupBy(items: Authorisation[], side: Side, everywhere: string): Group[] {
  const groups = new Map<string, Group>()
  for (const item of items) {
    const key = keyOf(item, side)
    const name = side === 'person' ? item.person_name : (item.platform?.name ?? everywhere)
    const group = groups.get(key) ?? { key, name, items: [], good: 0 }
    group.items.push(item)
    if (item.state === 'active') group.good += 1
    groups.set(key, group)
  }
  const byName = new Intl.Collator('zh-CN')
  return [...groups.values()].sort(
    (a, b) => Number(b.good > 0) - Number(a.good > 0) || byName.compare(a.name, b.name),
  )
}

/** Those that are or will be good before those that were; newest first. */
export function inOrder(items: Authorisation[]): Authorisation[] {
  const over = (item: Authorisation) => Number(item.state === 'expired' || item.state === 'ended')
  return items.toSorted((a, b) => over(a) - over(b) || b.valid_from.localeCompare(a.valid_from))
}
