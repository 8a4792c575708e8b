import { ApiError, phone, type Me, type PlatformInfo } from '@guiqian/shared/api'
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { announceHere } from '../device'

/** Who is logged in, as the platform last said. */
export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  /** Known after the first answer; until then the router waits. */
  const known = ref(false)
  const platform = ref<PlatformInfo | null>(null)

  let asking: Promise<void> | undefined

  /** Asks who is logged in, once at a time. A lost network is an error, a lost session is not. */
  function load(): Promise<void> {
    asking ??= phone
      .me()
      .then((value) => {
        me.value = value
        known.value = true
      })
      .catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 401) throw error
        me.value = null
        known.value = true
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  async function loadPlatform(): Promise<void> {
    platform.value ??= await phone.platform()
  }

  async function login(number: string, proof: { code: string } | { password: string }): Promise<void> {
    const who = await phone.login(number, proof)
    me.value = who
    known.value = true
    void announceHere(who.id).catch(() => undefined)
  }

  async function logout(): Promise<void> {
    await phone.logout()
    forget()
  }

  /** The session ended elsewhere or expired. */
  function forget(): void {
    me.value = null
    known.value = true
  }

  return { me, known, platform, load, loadPlatform, login, logout, forget }
})
