import { nextTick } from 'vue'

/** Brings the first field that is marked as wrong before the reader. */
export async function showFirstWrong(): Promise<void> {
  await nextTick()
  const field = document.querySelector<HTMLElement>('[aria-invalid="true"]')
  field?.scrollIntoView({ block: 'center' })
  field?.focus({ preventScroll: true })
}
