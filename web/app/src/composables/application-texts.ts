import type { Application } from '@guiqian/shared/api'
import { formatDateTime, formatMoney, formatMonths } from '@guiqian/shared/format'
import { endsWithCertificate } from '../rules/application'
import { useTexts } from './texts'

export interface Row {
  label: string
  value?: string | null
  mono?: boolean
}

/** How an application's parts are written out. */
export function useApplicationTexts() {
  const { t, te, locale, pick } = useTexts()

  const kindName = (kind: string) => (te(`application.kind.${kind}`) ? t(`application.kind.${kind}`) : kind)
  const materialName = (kind: string) => (te(`material.${kind}`) ? t(`material.${kind}`) : kind)
  const missingText = (kinds: string[]) =>
    t('material.missing', { what: kinds.map(materialName).join(t('common.and')) })
  const institutionName = (it: Application) =>
    it.institution ? pick(it.institution.name, it.institution.name_en) : ''

  /** Institution, validity and fee. */
  function certificateRows(it: Application): Row[] {
    const list: (Row | false)[] = [
      { label: t('application.institution'), value: institutionName(it) },
      endsWithCertificate(it.kind) && {
        label: t('application.validity'),
        value: it.product ? formatMonths(it.product.validity_months, locale.value) : '',
      },
      endsWithCertificate(it.kind) && {
        label: t('application.fee'),
        value: !it.product
          ? ''
          : it.product.fee_fen === 0
            ? t('application.free')
            : formatMoney(it.product.fee_fen),
      },
    ]
    return list.filter((row): row is Row => !!row)
  }

  /** What was chosen and entered; parts that this kind does not have are left out. */
  function rows(it: Application): Row[] {
    const list: (Row | false | null | undefined)[] = [
      { label: t('application.kind_label'), value: kindName(it.kind) },
      it.enterprise &&
        it.enterprise.name !== it.facts?.name && {
          label: t(it.facts ? 'change.name_before' : 'enterprise.name'),
          value: it.enterprise.name,
        },
      it.facts && { label: t('facts.name'), value: it.facts.name },
      it.facts && { label: t('facts.credit_code'), value: it.facts.credit_code, mono: true },
      it.facts && { label: t('facts.legal_person_name'), value: it.facts.legal_person_name },
      !!it.facts?.legal_person_id_number && {
        label: t(`facts.id_type.${it.facts.legal_person_id_type}`),
        value: it.facts.legal_person_id_number,
        mono: true,
      },
      !!it.holder && { label: t(`application.holder_${holderRole(it)}`), value: it.holder.name },
      ...certificateRows(it),
    ]
    return list.filter((row): row is Row => !!row)
  }

  const created = (it: Application): Row => ({
    label: t('application.created'),
    value: formatDateTime(it.created_at),
  })

  return { kindName, materialName, missingText, institutionName, certificateRows, rows, created }
}

/** What the named person becomes by it. */
function holderRole(it: Application): 'applicant' | 'clerk' | 'next_admin' {
  if (it.kind === 'authorisation') return 'clerk'
  return it.kind === 'admin_transfer' || it.kind === 'admin_transfer_by_form' ? 'next_admin' : 'applicant'
}
