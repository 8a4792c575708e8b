import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'

interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

/** A list that grows page by page, and starts anew when `about` changes. */
export function usePages<T>(fetch: (cursor?: string) => Promise<Page<T>>, about?: WatchSource) {
  const items = shallowRef<T[]>([])
  const cursor = ref<string | null>()
  const loading = ref(true)
  const failure = ref<unknown>()
  let round = 0

  async function load(next?: string): Promise<void> {
    const mine = ++round
    loading.value = true
    try {
      const page = await fetch(next)
      if (mine !== round) return
      items.value = next ? [...items.value, ...page.items] : page.items
      cursor.value = page.next_cursor
      failure.value = undefined
    } catch (error) {
      if (mine === round) failure.value = error
    } finally {
      if (mine === round) loading.value = false
    }
  }

  let typing: ReturnType<typeof setTimeout> | undefined
  if (about)
    watch(about, () => {
      clearTimeout(typing)
      typing = setTimeout(() => void load(), 250)
    })
  onScopeDispose(() => {
    clearTimeout(typing)
    round++
  })
  void load()
  return { items, loading, failure, load, more: () => load(cursor.value ?? undefined), cursor }
}
