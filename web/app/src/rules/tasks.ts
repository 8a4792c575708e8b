import type { Application, Invitation } from '@guiqian/shared/api'
import { isApplicant, isOpen } from './application'

/** Something on the home page that this person can go on with. */
export interface Task {
  key: string
  what: 'consent' | 'seal' | 'invitation' | 'download' | 'draft' | 'waiting'
  to: string
  application?: Application
  invitation?: Invitation
}

/** What asks for this person comes before what others have. */
const ORDER: Task['what'][] = ['consent', 'seal', 'invitation', 'download', 'draft', 'waiting']

/** Pending tasks from one's own applications, those that wait for the administrator, and invitations. */
export function tasksOf(
  own: readonly Application[],
  asked: readonly Application[],
  invitations: readonly Invitation[],
  accountId?: string,
): Task[] {
  const applications = new Map([...asked, ...own].map((application) => [application.id, application]))
  const tasks: Task[] = [...applications.values()].filter(isOpen).map((application) => ({
    key: application.id,
    what: whatOf(application, accountId),
    to: `/applications/${application.id}`,
    application,
  }))
  for (const invitation of invitations) {
    if (invitation.state === 'waiting')
      tasks.push({ key: invitation.id, what: 'invitation', to: `/invitations/${invitation.id}`, invitation })
  }
  return tasks.sort((a, b) => ORDER.indexOf(a.what) - ORDER.indexOf(b.what))
}

function whatOf(application: Application, accountId?: string): Task['what'] {
  if (application.may.includes('seal')) return isApplicant(application, accountId) ? 'seal' : 'consent'
  if (application.may.includes('download')) return 'download'
  return application.state === 'draft' ? 'draft' : 'waiting'
}
