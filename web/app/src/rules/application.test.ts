import type { Application, ApplicationKind } from '@guiqian/shared/api'
import { describe, expect, it } from 'vitest'
import { endsWithCertificate, isApplicant, isOpen, keeper, timeline } from './application'

const ME = 'me'
const holder = (account_id: string) => ({ account_id, name: '韦木兰' })

describe('the way of an application', () => {
  const next = (state: Application['state'], kind: ApplicationKind, letter_due: boolean) =>
    timeline({ state, kind, letter_due, history: [] }).map((stage) => stage.key)

  it('goes by the administrator where a letter is wanted', () => {
    expect(next('draft', 'enterprise_join', true)).toEqual(['with_admin', 'with_reviewer', 'ready', 'done'])
    expect(next('with_admin', 'enterprise_join', true)).toEqual(['with_reviewer', 'ready', 'done'])
    expect(next('draft', 'enterprise_claim', false)).toEqual(['with_reviewer', 'ready', 'done'])
  })

  it('ends with an effect where there is no certificate', () => {
    expect(next('with_reviewer', 'enterprise_change', false)).toEqual(['effect'])
    expect(next('with_admin', 'admin_transfer', true)).toEqual(['effect'])
    expect(endsWithCertificate('admin_transfer')).toBe(false)
  })

  it('waits for a second reviewer as for the first', () => {
    expect(next('with_second_reviewer', 'enterprise_claim', false)).toEqual(['ready', 'done'])
    expect(isOpen({ state: 'with_second_reviewer' })).toBe(true)
  })
})

describe('who has it now', () => {
  const of = (kind: ApplicationKind, state: Application['state'], account_id: string) =>
    keeper({ kind, state, holder: holder(account_id) }, ME)

  it('is the administrator, the institution, or whoever downloads', () => {
    expect(of('enterprise_join', 'with_admin', ME)).toBe('admin')
    expect(of('enterprise_claim', 'with_second_reviewer', ME)).toBe('institution')
    expect(of('enterprise_join', 'ready', ME)).toBe('you')
    expect(of('authorisation', 'ready', 'clerk')).toBe('holder')
  })

  it('is not called 本人 before the administrator who looks at a clerk’s application', () => {
    expect(of('enterprise_join', 'refused', ME)).toBe('you')
    expect(of('enterprise_join', 'refused', 'clerk')).toBe('applicant')
    expect(isApplicant({ kind: 'authorisation', holder: holder('clerk') }, ME)).toBe(true)
    expect(isApplicant({ kind: 'authorisation', holder: holder(ME) }, ME)).toBe(false)
  })
})
