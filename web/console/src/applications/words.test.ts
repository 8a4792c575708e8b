import { describe, expect, it } from 'vitest'
import { differences, groupCreditCode, neighbour, waited } from './words'

describe('how long somebody has waited', () => {
  const now = new Date('2026-03-04T12:00:00Z')
  it.each([
    ['2026-03-04T11:59:30Z', 'Now', 0],
    ['2026-03-04T11:15:00Z', 'Minutes', 45],
    ['2026-03-03T13:00:00Z', 'Hours', 23],
    ['2026-03-01T12:00:00Z', 'Days', 3],
  ] as const)('%s is told in %s', (since, unit, n) => {
    expect(waited(since, now)).toEqual({ unit, n })
  })
})

describe('moving through the rows', () => {
  const items = [{ id: 'a' }, { id: 'b' }]
  it('stays at the ends and begins at the near end', () => {
    expect(neighbour(items, 'a', 1)).toBe('b')
    expect(neighbour(items, 'b', 1)).toBe('b')
    expect(neighbour(items, undefined, 1)).toBe('a')
    expect(neighbour(items, 'gone', -1)).toBe('b')
    expect(neighbour([], 'a', 1)).toBeUndefined()
  })
})

describe('a change of an enterprise', () => {
  const now = {
    name: '广西漓江建设有限公司',
    credit_code: '91450100MA5K00000X',
    legal_person_name: '韦江',
    legal_person_id_type: 'resident_id' as const,
    legal_person_id_number: '450103199001010112',
  }
  it('shows what differs and nothing else as changed', () => {
    const changed = differences(now, { ...now, name: '广西漓江建设集团有限公司' })
    expect(changed.filter((one) => one.changed)).toEqual([
      { fact: 'name', before: now.name, after: '广西漓江建设集团有限公司', changed: true },
    ])
  })
  it('has nothing to compare for a claim', () => {
    expect(differences(undefined, now).some((one) => one.changed)).toBe(false)
  })
  it('writes a credit code in groups', () => {
    expect(groupCreditCode('91450100MA5K00000X')).toBe('91 450100 MA5K00000 X')
    expect(groupCreditCode('1')).toBe('1')
  })
})
