import { ApiError, errorText, type InstitutionSettings } from '@guiqian/shared/api'
import { toast } from '@guiqian/shared/desk/toast'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'

/** Sends a change of an institution, tells how it went, and hands the answer on. */
export function useChange(changed: (next: InstitutionSettings) => void) {
  const { t, locale } = useI18n()
  const busy = ref(false)
  const problem = ref('')

  async function send(change: () => Promise<InstitutionSettings>): Promise<boolean> {
    busy.value = true
    problem.value = ''
    try {
      changed(await change())
      toast(t('common.saved'))
      return true
    } catch (error) {
      const fields = error instanceof ApiError ? error.problem.fields : undefined
      const [field, code] = Object.entries(fields ?? {})[0] ?? []
      problem.value = field
        ? `${t(`institution.${field}`)}: ${t(`institution.wrong.${code}`)}`
        : errorText(error, locale.value)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, send }
}
