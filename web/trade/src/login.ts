// The login dialog is one for the whole site: it can be asked for from the header, the landing page or a page that needs it.
import { ref } from 'vue'

export const loginOpen = ref(false)
/** Where to go after the login. */
export const loginTarget = ref<string>()

export function loginFor(target: string): void {
  loginTarget.value = target
  loginOpen.value = true
}
