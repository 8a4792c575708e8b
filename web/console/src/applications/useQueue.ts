import { desk, type ApplicationState, type ConsoleApplication } from '@guiqian/shared/api'
import { onScopeDispose, ref, watch, type Ref } from 'vue'

const REFRESH_MS = 10_000

/** The list that a tab and a search show; follows what others do every few seconds. */
export function useQueue(state: Ref<ApplicationState | 'all'>, words: Ref<string>) {
  const items = ref<ConsoleApplication[]>([])
  const counts = ref<Record<string, number>>({})
  const cursor = ref<string | null>()
  const loading = ref(true)
  const failure = ref<unknown>()
  let round = 0

  const query = () => ({
    state: state.value === 'all' ? undefined : state.value,
    q: words.value.trim() || undefined,
  })

  async function load(): Promise<void> {
    const mine = ++round
    try {
      const page = await desk.applications(query())
      if (mine !== round) return
      items.value = page.items
      counts.value = page.counts
      cursor.value = page.next_cursor
      failure.value = undefined
    } catch (error) {
      if (mine === round) failure.value = error
    } finally {
      if (mine === round) loading.value = false
    }
  }

  async function more(): Promise<void> {
    if (!cursor.value) return
    const mine = round
    const page = await desk.applications({ ...query(), cursor: cursor.value })
    if (mine !== round) return
    items.value = [...items.value, ...page.items]
    cursor.value = page.next_cursor
  }

  let typing: ReturnType<typeof setTimeout> | undefined
  watch(state, () => {
    loading.value = true
    void load()
  })
  watch(words, () => {
    clearTimeout(typing)
    typing = setTimeout(() => void load(), 250)
  })
  // A reader who has loaded further pages keeps them: only the first page follows by itself.
  const timer = setInterval(() => {
    if (!document.hidden && items.value.length <= 50) void load()
  }, REFRESH_MS)
  onScopeDispose(() => {
    clearInterval(timer)
    clearTimeout(typing)
    round++
  })
  void load()

  return { items, counts, cursor, loading, failure, load, more }
}
