import { ApiError, desk, type ConsoleAct, type Reviewer } from '@guiqian/shared/api'
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
      if (error instanceof ApiError && error.status === 401) return forget()
      asked = undefined
      throw error
    })
  return asked
}

/** Whether the person may do this within their scope; the server decides again. */
export const may = (act: ConsoleAct): boolean => reviewer.value?.acts.includes(act) ?? false

/** The platform's own people belong to no institution. */
export const platformWide = (): boolean => !!reviewer.value && !reviewer.value.institution

export function welcome(who: Reviewer): void {
  reviewer.value = who
  asked = Promise.resolve()
}

export async function login(username: string, password: string): Promise<void> {
  welcome((await desk.login(username, password)).reviewer)
}

export async function logout(): Promise<void> {
  await desk.logout()
  forget()
}

/** The session is gone. Not asked again: the refusal would lead here once more, and so on without end. */
export function forget(): void {
  reviewer.value = null
  asked = Promise.resolve()
}
