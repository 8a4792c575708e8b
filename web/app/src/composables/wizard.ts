import { phone } from '@guiqian/shared/api'
import { computed, ref, watch, type Ref, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useTexts } from './texts'

export interface Wizard {
  /** Counted from 0; stands in the address, so that the phone's own back button goes one step back. */
  step: WritableComputedRef<number>
  busy: Ref<boolean>
  failure: Ref<string>
  /** Does something that may be refused; `true` when it was not. */
  guarded: (work: () => Promise<void>) => Promise<boolean>
  /** For the page's back button: one step back, out of the first one. */
  back: (event: { handled: boolean }) => void
}

/** The steps of a form that takes several pages. What is entered is kept by whoever calls this. */
export function useWizard(count: () => number): Wizard {
  const route = useRoute()
  const router = useRouter()
  const { say } = useTexts()
  const busy = ref(false)
  const failure = ref('')

  const step = computed({
    get: () => Math.min(count() - 1, Math.max(0, (Number(route.query.step) || 1) - 1)),
    set: (value: number) => void router.push({ query: { ...route.query, step: String(value + 1) } }),
  })
  watch(step, () => {
    failure.value = ''
    window.scrollTo(0, 0)
  })

  return {
    step,
    busy,
    failure,
    async guarded(work) {
      busy.value = true
      failure.value = ''
      try {
        await work()
        return true
      } catch (error) {
        failure.value = say(error)
        return false
      } finally {
        busy.value = false
      }
    },
    back(event) {
      if (step.value === 0) return
      event.handled = true
      step.value -= 1
    },
  }
}

/** Hands an application in and goes where it continues: to the letter if it is one's own to seal, else to its page. */
export function useHandIn(id: string): () => Promise<void> {
  const router = useRouter()
  return async () => {
    const { may } = await phone.submitApplication(id)
    await router.replace(may.includes('seal') ? `/applications/${id}/letter` : `/applications/${id}`)
  }
}
