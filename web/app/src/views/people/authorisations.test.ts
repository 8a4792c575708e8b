import type { Authorisation } from '@guiqian/shared/api'
import { describe, expect, it } from 'vitest'
import { groupBy, inOrder } from './authorisations'

const one = (change: Partial<Authorisation>): Authorisation => ({
  id: '1',
  account_id: 'a',
  person_name: '韦桂花',
  platform: { id: 'p', name: '示范公共资源交易平台', domain: 'trade.example' },
  permissions: ['login'],
  seals: [],
  valid_from: '2026-03-02T08:00:00Z',
  valid_to: '2027-03-02T08:00:00Z',
  state: 'active',
  ...change,
})

describe('the list of authorisations', () => {
  it('is grouped by platform, those for every platform under a heading of their own', () => {
    const groups = groupBy([one({}), one({ id: '2', platform: null })], 'platform', '全部平台')
    expect(groups.map((group) => [group.key, group.name, group.good]).toSorted()).toEqual([
      ['all', '全部平台', 1],
      ['p', '示范公共资源交易平台', 1],
    ])
  })

  it('shows people who may do something before those who no longer may', () => {
    const items = [
      one({ id: '1', account_id: 'b', person_name: '阿一', state: 'ended' }),
      one({ id: '2', account_id: 'c', person_name: '周二' }),
    ]
    expect(groupBy(items, 'person', '').map((group) => group.name)).toEqual(['周二', '阿一'])
  })

  it('keeps history below what is good', () => {
    const items = [
      one({ id: 'old', state: 'expired', valid_from: '2027-01-01T00:00:00Z' }),
      one({ id: 'now' }),
      one({ id: 'soon', state: 'future', valid_from: '2026-12-01T00:00:00Z' }),
    ]
    expect(inOrder(items).map((item) => item.id)).toEqual(['soon', 'now', 'old'])
  })
})
