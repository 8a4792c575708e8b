import { ApiError, phone, type EnterpriseFacts, type NewApplication } from '@guiqian/shared/api'
import { ref } from 'vue'
import { useRouter } from 'vue-router'
import { useTexts } from './texts'

/** Begins an application and opens it; one that is open already is opened instead. */
export function useApply() {
  const { say } = useTexts()
  const router = useRouter()
  const busy = ref(false)
  const failure = ref('')

  async function begin(wanted: NewApplication, facts?: EnterpriseFacts): Promise<void> {
    if (busy.value) return
    busy.value = true
    failure.value = ''
    try {
      const { id } = await phone.createApplication(wanted)
      // What is known already is a start, no more: a refusal of it is told where it can be put right.
      if (facts) await phone.updateApplication(id, { facts }).catch(() => undefined)
      await router.push(`/applications/${id}/edit`)
    } catch (error) {
      const open =
        error instanceof ApiError && error.code === 'APPLICATION_OPEN'
          ? error.problem.application_id
          : undefined
      if (open) await router.push(`/applications/${open}`)
      else failure.value = say(error)
    } finally {
      busy.value = false
    }
  }

  return { busy, failure, begin }
}
