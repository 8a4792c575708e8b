import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

export interface Resource<T> {
  data: ShallowRef<T | undefined>
  error: ShallowRef<unknown>
  loading: Ref<boolean>
  reload: () => Promise<void>
}

/**
 * Something fetched for a view: keeps the old value while a newer one is on its way, and drops answers that
 * arrive after a later question or after the view is gone.
 */
export function useResource<T>(fetch: () => Promise<T>): Resource<T> {
  const data = shallowRef<T>()
  const error = shallowRef<unknown>()
  const loading = ref(false)
  let turn = 0

  async function reload(): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const value = await fetch()
      if (mine !== turn) return
      data.value = value
      error.value = undefined
    } catch (cause) {
      if (mine === turn) error.value = cause
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  onScopeDispose(() => {
    turn += 1
  })
  void reload()
  return { data, error, loading, reload }
}
