import { ApiError, desk, type Reviewer } from '@guiqian/shared/api'
import { ref } from 'vue'

/** Who is logged in; `null` when nobody is, `undefined` before the server was asked. */
export const reviewer = ref<Reviewer | null>()

let asked: Promise<void> | undefined

/** Resolves when it is known whether somebody is logged in; rejects when the server cannot be asked. */
export function ready(): Promise<void> {
  asked ??= desk
    .me()
    .then((me) => {
      reviewer.value = me
    })
    .catch((error: unknown) => {
      asked = undefined
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      reviewer.value = null
    })
  return asked
}

export async function login(username: string, password: string): Promise<void> {
  reviewer.value = (await desk.login(username, password)).reviewer
  asked = Promise.resolve()
}

export async function logout(): Promise<void> {
  await desk.logout()
  forget()
}

/** The session is gone: the next page asks again. */
export function forget(): void {
  reviewer.value = null
  asked = undefined
}
