// Who is logged in here. One value for the whole page; the cookie itself is the server's.
import { trade, type TradeSession } from '@guiqian/shared/api'
import { computed, ref } from 'vue'

const session = ref<TradeSession>()
let asked: Promise<void> | undefined

export const user = computed(() => session.value?.user ?? null)

/** Asks the server once; later calls wait for the same answer. A failed answer is not kept. */
export function ready(): Promise<void> {
  asked ??= refresh().catch((cause: unknown) => {
    asked = undefined
    throw cause
  })
  return asked
}

export async function refresh(): Promise<void> {
  session.value = await trade.session()
}

export async function logout(): Promise<void> {
  await trade.logout()
  forget()
}

/** The server no longer knows us (logged out elsewhere, expired). */
export function forget(): void {
  if (session.value) session.value = { ...session.value, user: null }
}
