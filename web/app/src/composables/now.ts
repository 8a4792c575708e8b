import { onScopeDispose, ref, type Ref } from 'vue'

/** The time, moving every `everyMs`. */
export function useNow(everyMs = 1_000): Ref<Date> {
  const now = ref(new Date())
  const timer = setInterval(() => {
    now.value = new Date()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return now
}
