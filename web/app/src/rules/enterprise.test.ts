import type { Membership } from '@guiqian/shared/api'
import { describe, expect, it } from 'vitest'
import { belongsTo, currentOf, ONESELF, roleOf, searchable, servicesOf } from './enterprise'
import { actionPath } from './message'

const one: Membership = { enterprise_id: '1', name: '桂林甲', credit_code: 'A', role: 'admin' }
const two: Membership = { enterprise_id: '2', name: '南宁乙', credit_code: 'B', role: 'clerk' }

describe('the enterprise that a person acts for', () => {
  it('is the one that was chosen, else the newest', () => {
    expect(currentOf([two, one], '1')).toBe(one)
    expect(currentOf([two, one], null)).toBe(two)
    expect(currentOf([two, one], 'left long ago')).toBe(two)
  })

  it('is none for a natural person, and for whoever chose to act alone', () => {
    expect(currentOf([], '1')).toBeUndefined()
    expect(currentOf([two, one], ONESELF)).toBeUndefined()
    expect(roleOf(undefined)).toBe('person')
    expect(roleOf(two)).toBe('clerk')
  })

  it('decides which certificate is in use', () => {
    const enterprise = { id: '1', name: '桂林甲', credit_code: 'A' }
    expect(belongsTo({ enterprise }, enterprise)).toBe(true)
    // A change of name does not make it another's.
    expect(belongsTo({ enterprise }, { id: '1' })).toBe(true)
    expect(belongsTo({ enterprise }, { id: '2' })).toBe(false)
    expect(belongsTo({ enterprise }, undefined)).toBe(false)
    expect(belongsTo({}, enterprise)).toBe(false)
    expect(belongsTo({}, undefined)).toBe(true)
  })
})

describe('what a role may do', () => {
  const keys = (...args: Parameters<typeof servicesOf>) => servicesOf(...args).map((service) => service.key)
  it('is people and authorisations for the administrator alone', () => {
    expect(keys('admin', '1')).toEqual(expect.arrayContaining(['authorisations', 'people', 'seals']))
    for (const role of ['clerk', 'person'] as const) {
      expect(keys(role, '1')).not.toContain('people')
      expect(keys(role, '1')).not.toContain('authorisations')
    }
  })
  it('is looking for an enterprise for a natural person', () => expect(keys('person')).toContain('search'))
})

it('a search begins with two characters', () => {
  expect(searchable('桂')).toBe(false)
  expect(searchable(' gl ')).toBe(true)
  expect(searchable('𠮷林')).toBe(true)
})

it('every button of a message opens its page', () => {
  const path = (kind: NonNullable<Parameters<typeof actionPath>[0]>['kind']) =>
    actionPath({ kind, target_id: 'x' })
  expect(path('open_application')).toBe('/applications/x')
  expect(path('download_certificate')).toBe('/applications/x/download')
  expect(path('open_certificate')).toBe('/certificates/x')
  expect(path('open_feedback')).toBe('/me/feedback/x')
  expect(path('open_invitation')).toBe('/invitations/x')
  expect(path('open_enterprise')).toBe('/enterprises/x')
  expect(actionPath(null)).toBeUndefined()
})
