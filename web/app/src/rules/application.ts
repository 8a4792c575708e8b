import type { Application, ApplicationState, HistoryEntry } from '@guiqian/shared/api'

export type StageState = 'past' | 'now' | 'failed' | 'next'

/** One line of the timeline: what happened, is happening, or comes. */
export interface Stage {
  key: string
  state: StageState
  at?: string
  by?: HistoryEntry['by']
  reason?: string
}

const OPEN: ApplicationState[] = ['draft', 'with_admin', 'with_reviewer', 'approved', 'payment_due', 'ready']

/** Somebody still has to do something. */
export function isOpen(application: Pick<Application, 'state'>): boolean {
  return OPEN.includes(application.state)
}

/** What still lies ahead of each state, in order. */
const AHEAD: Partial<Record<ApplicationState, string[]>> = {
  draft: ['with_reviewer', 'ready', 'done'],
  with_admin: ['with_reviewer', 'ready', 'done'],
  with_reviewer: ['ready', 'done'],
  approved: ['ready', 'done'],
  payment_due: ['ready', 'done'],
  ready: ['done'],
}

/** History as it was, then the present, then what comes next — who has it is in `by` of the present line. */
export function timeline(application: Pick<Application, 'state' | 'history'>): Stage[] {
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
  const ahead = (AHEAD[application.state] ?? []).map((key): Stage => ({ key, state: 'next' }))
  return [...happened, ...ahead]
}

/** The reason of the latest refusal, if any. */
export function refusalReason(application: Pick<Application, 'history'>): string | undefined {
  return application.history.findLast((entry) => entry.state === 'refused')?.reason ?? undefined
}
