// The decisions of this page: sent to the platform, told in a toast, followed by whoever shows the queue.
import { ApiError, desk, errorText } from '@guiqian/shared/api'
import { toast } from '@guiqian/shared/desk/toast'
import { ref } from 'vue'
import { i18n } from '../i18n'
import { makeDecisions } from './decisions'

/** Counts what has been settled: whoever shows applications looks again when it changes. */
export const settled = ref(0)

const t = (key: string, values: Record<string, string>): string => i18n.global.t(key, values)

export const decisions = makeDecisions({
  async send({ id, version, kind, reason }) {
    if (kind === 'approve') await desk.approve(id, version)
    else await desk.refuse(id, version, reason)
  },
  done({ kind, name }) {
    toast(t(kind === 'approve' ? 'decide.approved' : 'decide.refused', { name }))
    settled.value++
  },
  failed({ name }, error) {
    const locale = i18n.global.locale.value
    const changed = error instanceof ApiError && error.code === 'APPLICATION_CHANGED'
    toast(`${name}: ${changed ? t('decide.changed', {}) : errorText(error, locale)}`, 'error')
    settled.value++
  },
})

// The browser asks before a page closes on which something waits.
window.addEventListener('beforeunload', (event) => {
  if (decisions.pending.value) event.preventDefault()
})
