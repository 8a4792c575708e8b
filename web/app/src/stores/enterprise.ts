import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { currentOf, roleOf } from '../rules/enterprise'
import { useSession } from './session'

const STORE = 'guiqian.enterprise'

function read(): string | null {
  try {
    return localStorage.getItem(STORE)
  } catch {
    return null
  }
}

/** For which enterprise this person acts; chosen on this phone and remembered here. */
export const useEnterprise = defineStore('enterprise', () => {
  const session = useSession()
  const remembered = ref(read())

  const memberships = computed(() => session.me?.memberships ?? [])
  const current = computed(() => currentOf(memberships.value, remembered.value))
  const role = computed(() => roleOf(current.value))

  /** An enterprise's id, or `ONESELF`. */
  function choose(id: string): void {
    remembered.value = id
    try {
      localStorage.setItem(STORE, id)
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }

  return { memberships, current, role, choose }
})
