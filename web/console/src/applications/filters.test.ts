import { describe, expect, it } from 'vitest'
import { fromAddress, narrowed, toAddress, toQuery } from './filters'

const ID = '0191f0a0-0000-7000-8000-000000000001'

describe('the filters of the queue', () => {
  it('stand in the address and are read from it again', () => {
    const address = {
      state: 'refused',
      kind: 'enterprise_claim',
      institution: ID,
      age: 'late',
      hand: 'mine',
      sort: 'newest',
      q: '韦',
    }
    const filters = fromAddress(address)
    expect(toAddress(filters)).toEqual(address)
    expect(toQuery(filters)).toEqual({
      state: 'refused',
      kind: 'enterprise_claim',
      institution_id: ID,
      age: 'late',
      hand: 'mine',
      sort: 'newest',
      q: '韦',
    })
    expect(narrowed(filters)).toBe(4)
  })

  it('show what waits for a reviewer when nothing is asked for', () => {
    expect(toQuery(fromAddress({})).state).toBe('with_reviewer')
    expect(Object.values(toAddress(fromAddress({}))).filter(Boolean)).toEqual([])
    expect(toQuery(fromAddress({ state: 'all' })).state).toBeUndefined()
  })

  it('ignore what nobody can mean', () => {
    const odd = { state: 'gone', kind: ['x'], institution: '../x', age: 'old', hand: 1, sort: 'up', q: null }
    expect(fromAddress(odd)).toEqual(fromAddress({}))
  })
})
