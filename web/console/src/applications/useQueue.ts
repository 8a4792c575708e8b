import { desk, type Ageing, type ApplicationState, type QueueItem } from '@guiqian/shared/api'
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { settled } from './desk'
import { toQuery, type Filters } from './filters'

const REFRESH_MS = 10_000

/** The list that the filters show; follows what others do every few seconds. */
export function useQueue(filters: Ref<Filters>) {
  const items = ref<QueueItem[]>([])
  const counts = ref<Partial<Record<ApplicationState, number>>>({})
  const ages = ref<Record<Ageing, number>>({ fresh: 0, due: 0, late: 0 })
  const cursor = ref<string | null>()
  const loading = ref(true)
  const failure = ref<unknown>()
  let round = 0

  async function load(): Promise<void> {
    const mine = ++round
    try {
      const page = await desk.applications(toQuery(filters.value))
      if (mine !== round) return
      items.value = page.items
      counts.value = page.counts
      ages.value = page.ages
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
    const page = await desk.applications({ ...toQuery(filters.value), cursor: cursor.value })
    if (mine !== round) return
    items.value = [...items.value, ...page.items]
    cursor.value = page.next_cursor
  }

  let typing: ReturnType<typeof setTimeout> | undefined
  watch(filters, (next, before) => {
    clearTimeout(typing)
    const typed = next.q !== before.q
    if (!typed) loading.value = true
    typing = setTimeout(() => void load(), typed ? 250 : 0)
  })
  watch(settled, () => void load())
  // A reader who has loaded further pages keeps them: only the first page follows by itself.
  const timer = setInterval(() => {
    if (!document.hidden && items.value.length <= 30) void load()
  }, REFRESH_MS)
  onScopeDispose(() => {
    clearInterval(timer)
    clearTimeout(typing)
    round++
  })
  void load()

  return { items, counts, ages, cursor, loading, failure, load, more }
}
