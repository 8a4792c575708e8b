import { describe, expect, it } from 'vitest'
import { EMPTY_FACTS, fitsDocument, isEnterpriseName, keepable, missingFacts, wrongFacts } from './facts'

const good = {
  name: '桂林（漓江）工程有限公司',
  credit_code: '91350100M000100Y43',
  legal_person_name: '韦木兰',
  legal_person_id_type: 'resident_id' as const,
  legal_person_id_number: '11010519491231002X',
}

describe('facts about an enterprise', () => {
  it('are right as licences and documents write them', () => {
    expect(wrongFacts(good)).toEqual([])
    expect(missingFacts(good)).toEqual([])
    expect(wrongFacts({ ...good, legal_person_id_number: '11010519491231002x' })).toEqual([])
  })

  it('are not called wrong before anything is typed', () => {
    expect(wrongFacts(EMPTY_FACTS)).toEqual([])
    expect(missingFacts(EMPTY_FACTS)).toHaveLength(4)
  })

  it('are named where they cannot be right', () => {
    expect(wrongFacts({ ...good, credit_code: '91350100M000100Y44' })).toEqual(['credit_code'])
    expect(wrongFacts({ ...good, legal_person_id_number: '110105194912310021' })).toEqual([
      'legal_person_id_number',
    ])
    expect(wrongFacts({ ...good, name: '桂' })).toEqual(['name'])
  })

  it('are kept in the draft as far as they are right', () => {
    const half = { ...good, credit_code: '9135' }
    expect(keepable(half)).toEqual({ ...good, credit_code: '' })
    expect(half.credit_code).toBe('9135')
  })
})

it('a name of 64 characters fits into a certificate and one of 65 does not', () => {
  expect(isEnterpriseName('桂'.repeat(64))).toBe(true)
  expect(isEnterpriseName('桂'.repeat(65))).toBe(false)
  expect(isEnterpriseName('甲\n乙')).toBe(false)
  expect(isEnterpriseName('Guilin Li River Ltd')).toBe(true)
})

it("the legal person's number fits its document", () => {
  expect(fitsDocument('passport', 'E1234 5678')).toBe(true)
  expect(fitsDocument('passport', 'E12')).toBe(false)
  expect(fitsDocument('taiwan_permit', '12345678')).toBe(true)
  expect(fitsDocument('hk_macao_permit', 'H1234567')).toBe(true)
  expect(fitsDocument('resident_id', 'H1234567')).toBe(false)
})
