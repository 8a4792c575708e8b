import type { Application, Invitation } from '@guiqian/shared/api'
import { expect, it } from 'vitest'
import { tasksOf } from './tasks'

const ME = 'me'
const application = (id: string, part: Partial<Application>) =>
  ({
    id,
    kind: 'enterprise_join',
    state: 'with_reviewer',
    may: [],
    holder: { account_id: ME, name: '韦木兰' },
    ...part,
  }) as unknown as Application
const invitation = (id: string, state: Invitation['state']) => ({ id, state }) as Invitation

it('what asks for this person comes first, and each thing once', () => {
  const ready = application('ready', { state: 'ready', may: ['download'] })
  const own = application('own', {
    kind: 'enterprise_certificate',
    state: 'with_admin',
    may: ['withdraw', 'seal'],
  })
  const clerk = application('clerk', {
    state: 'with_admin',
    may: ['seal', 'refuse'],
    holder: { account_id: 'clerk', name: '黄江月' },
  })
  const tasks = tasksOf(
    [application('waits', {}), ready, own, application('over', { state: 'done' })],
    [clerk, own],
    [invitation('open', 'waiting'), invitation('answered', 'accepted')],
    ME,
  )
  expect(tasks.map((task) => `${task.what}:${task.key}`)).toEqual([
    'consent:clerk',
    'seal:own',
    'invitation:open',
    'download:ready',
    'waiting:waits',
  ])
})
