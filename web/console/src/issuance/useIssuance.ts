import { desk, type IssuanceHalt } from '@guiqian/shared/api'
import { ref } from 'vue'
import { reviewer } from '../session'

/** What is halted of the person's scope; everybody at the desk sees it. */
export const halts = ref<IssuanceHalt[]>([])

/** How often the desk looks: a halt shows within seconds. */
export const LOOK_EVERY_MS = 10_000

export async function look(): Promise<void> {
  if (!reviewer.value) {
    halts.value = []
    return
  }
  try {
    halts.value = (await desk.issuance()).halts
  } catch {
    // What was last known stays; the page itself says when the platform cannot be reached.
  }
}
