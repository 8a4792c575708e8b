/**
 * Clearing the cache (清理缓存): what can be fetched or drawn again. Key shares live in IndexedDB, which nothing here
 * opens; language and looks stay too, because nobody calls them a cache.
 */
const KEPT = ['guiqian.settings', 'guiqian.locale', 'guiqian.enterprise']

export interface Storages {
  caches?: Pick<CacheStorage, 'keys' | 'delete'>
  local: Storage
  session: Storage
}

export async function clearCache({ caches, local, session }: Storages): Promise<void> {
  for (let i = local.length - 1; i >= 0; i--) {
    const name = local.key(i)
    if (name !== null && !KEPT.includes(name)) local.removeItem(name)
  }
  session.clear()
  for (const name of (await caches?.keys()) ?? []) await caches?.delete(name)
}
