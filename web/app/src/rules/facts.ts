/** What is said about an enterprise: checked while it is typed, as the server checks it afterwards. */
import type { EnterpriseFacts, IdType } from '@guiqian/shared/api'
import { parseCreditCode } from './credit-code'
import { isIdNumber, isRealName } from './identity'

export const ID_TYPES: IdType[] = ['resident_id', 'passport', 'hk_macao_permit', 'taiwan_permit']

/** The name has to fit into a certificate (X.520 annex C). */
export const LONGEST_NAME = 64

export const EMPTY_FACTS: EnterpriseFacts = {
  name: '',
  credit_code: '',
  legal_person_name: '',
  legal_person_id_type: 'resident_id',
  legal_person_id_number: '',
}

export type FactField = 'name' | 'credit_code' | 'legal_person_name' | 'legal_person_id_number'
export const FACT_FIELDS: FactField[] = ['name', 'credit_code', 'legal_person_name', 'legal_person_id_number']

export function isEnterpriseName(text: string): boolean {
  const name = text.trim()
  const count = [...name].length
  return count >= 2 && count <= LONGEST_NAME && !/[\p{Cc}]|[^\S ]/u.test(name)
}

/** The number of an identity document, as far as its form tells. */
export function fitsDocument(type: IdType, text: string): boolean {
  const number = text.replace(/\s/g, '').toUpperCase()
  switch (type) {
    case 'resident_id':
      return isIdNumber(number)
    case 'passport':
      return /^[0-9A-Z]{7,12}$/.test(number)
    default:
      return /^[0-9A-Z]{8,11}$/.test(number)
  }
}

/** Fields that hold something that cannot be right. */
export function wrongFacts(facts: EnterpriseFacts): FactField[] {
  const right: Record<FactField, boolean> = {
    name: isEnterpriseName(facts.name),
    credit_code: parseCreditCode(facts.credit_code) !== undefined,
    legal_person_name: isRealName(facts.legal_person_name.trim()),
    legal_person_id_number: fitsDocument(facts.legal_person_id_type, facts.legal_person_id_number),
  }
  return FACT_FIELDS.filter((field) => facts[field].trim() !== '' && !right[field])
}

/** Fields that hold nothing yet. */
export function missingFacts(facts: EnterpriseFacts): FactField[] {
  return FACT_FIELDS.filter((field) => facts[field].trim() === '')
}

/** What a draft can keep: what is half typed stays on the phone until it can be right. */
export function keepable(facts: EnterpriseFacts): EnterpriseFacts {
  const wrong = wrongFacts(facts)
  return wrong.reduce((kept, field) => ({ ...kept, [field]: '' }), { ...facts })
}
