// What the log is asked for, as it stands in the page's address. Days are the reader's own.
import type { AuditQuery } from '@guiqian/shared/api'

export interface AuditFilters {
  actor?: string
  actor_kind?: string
  action?: string
  target?: string
  from?: string
  to?: string
}

const text = (value: unknown, shape: RegExp): string | undefined =>
  typeof value === 'string' && shape.test(value) ? value : undefined
const WORD = /^[a-z._]{1,50}$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function fromAddress(query: Record<string, unknown>): AuditFilters {
  return {
    actor: text(query.actor, /^.{1,50}$/),
    actor_kind: text(query.actor_kind, WORD),
    action: text(query.action, WORD),
    target: text(query.target, UUID),
    from: text(query.from, DAY),
    to: text(query.to, DAY),
  }
}

/** A day begins at its local midnight; the last one is asked for whole. */
export function toQuery(filters: AuditFilters): AuditQuery {
  const midnight = (day: string | undefined, later: number): string | undefined => {
    if (!day) return undefined
    const at = new Date(`${day}T00:00:00`)
    at.setDate(at.getDate() + later)
    return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
  }
  return {
    actor: filters.actor,
    actor_kind: filters.actor_kind,
    action: filters.action,
    target_id: filters.target,
    from: midnight(filters.from, 0),
    to: midnight(filters.to, 1),
  }
}
