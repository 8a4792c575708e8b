import type { Application, ApplicationKind, ApplicationState, HistoryEntry } from '@guiqian/shared/api'

export type StageState = 'past' | 'now' | 'failed' | 'next'

/** One line of the timeline: what happened, is happening, or comes. */
export interface Stage {
  key: string
  state: StageState
  at?: string
  by?: HistoryEntry['by']
  reason?: string
}

const OPEN: ApplicationState[] = [
  'draft',
  'with_admin',
  'with_reviewer',
  'with_second_reviewer',
  'approved',
  'payment_due',
  'ready',
]

/** Somebody still has to do something. */
export function isOpen(application: Pick<Application, 'state'>): boolean {
  return OPEN.includes(application.state)
}

/** Kinds that take effect with the approval instead of ending with a certificate. */
const EFFECTS: ApplicationKind[] = ['enterprise_change', 'admin_transfer', 'admin_transfer_by_form']

export function endsWithCertificate(kind: ApplicationKind): boolean {
  return !EFFECTS.includes(kind)
}

/** Kinds that the administrator begins for somebody else: the clerk to be authorised, the next administrator. */
const FOR_OTHERS: ApplicationKind[] = ['authorisation', 'admin_transfer', 'admin_transfer_by_form']

/** Whether this person began it; the platform names the holder only. */
export function isApplicant(application: Pick<Application, 'kind' | 'holder'>, accountId?: string): boolean {
  const holds = !application.holder || application.holder.account_id === accountId
  return FOR_OTHERS.includes(application.kind) ? !holds : holds
}

type Course = Pick<Application, 'state' | 'history'> & Partial<Pick<Application, 'kind' | 'letter_due'>>

/** The whole way of an application, in the order of its states. */
function course({ kind = 'personal_certificate', letter_due = false }: Course): string[] {
  const certificate = endsWithCertificate(kind)
  return [
    'draft',
    ...(letter_due ? ['with_admin'] : []),
    ...(kind === 'admin_transfer' ? [] : ['with_reviewer']),
    ...(certificate ? ['ready', 'done'] : ['effect']),
  ]
}

/** What still lies ahead, in order. */
function ahead(application: Course): string[] {
  if (!isOpen(application)) return []
  const way = course(application)
  const { state } = application
  const here = state === 'with_second_reviewer' || state === 'approved' ? 'with_reviewer' : state
  if (here === 'payment_due') return way.slice(way.indexOf('ready'))
  return way.slice(way.indexOf(here) + 1)
}

/** History as it was, then the present, then what comes next — who has it is in `by` of the present line. */
export function timeline(application: Course): Stage[] {
  const ended = !isOpen(application)
  const bad = (state: ApplicationState) => state === 'refused' || state === 'expired' || state === 'withdrawn'
  const happened = application.history.map((entry, i, all): Stage => {
    const last = i === all.length - 1
    return {
      key: entry.state,
      state: bad(entry.state) ? 'failed' : last && !ended ? 'now' : 'past',
      at: entry.at,
      by: entry.by,
      reason: entry.reason ?? undefined,
    }
  })
  return [...happened, ...ahead(application).map((key): Stage => ({ key, state: 'next' }))]
}

/** The reason of the latest refusal, if any. */
export function refusalReason(application: Pick<Application, 'history'>): string | undefined {
  return application.history.findLast((entry) => entry.state === 'refused')?.reason ?? undefined
}

/** Who has it now, as the timeline names them. */
export type Keeper = 'you' | 'applicant' | 'holder' | 'admin' | 'institution'

export function keeper(
  application: Pick<Application, 'kind' | 'state' | 'holder'>,
  accountId?: string,
): Keeper {
  switch (application.state) {
    case 'with_admin':
      return 'admin'
    case 'with_reviewer':
    case 'with_second_reviewer':
    case 'approved':
      return 'institution'
    case 'ready':
    case 'payment_due':
      return !application.holder || application.holder.account_id === accountId ? 'you' : 'holder'
    default:
      return isApplicant(application, accountId) ? 'you' : 'applicant'
  }
}
