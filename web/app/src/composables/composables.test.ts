import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { useDialogFocus } from './focus'
import { useResource, type Resource } from './resource'

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

function resource<T>(fetch: () => Promise<T>): Resource<T> {
  let made: Resource<T> | undefined
  mount(
    defineComponent(() => {
      made = useResource(fetch)
      return () => h('div')
    }),
  )
  if (!made) throw new Error('setup did not run')
  return made
}

it('an answer that comes after a later question is dropped', async () => {
  const answers: ((value: string) => void)[] = []
  const it = resource(() => new Promise<string>((resolve) => answers.push(resolve)))
  void it.reload()
  answers[1]?.('new')
  answers[0]?.('old')
  await settle()
  expect(it.data.value).toBe('new')
  expect(it.loading.value).toBe(false)
})

it('what was loaded stays when a later question fails, and the failure is known', async () => {
  let fail = false
  const it = resource(() => (fail ? Promise.reject(new Error('lost')) : Promise.resolve('kept')))
  await settle()
  fail = true
  await it.reload()
  expect(it.data.value).toBe('kept')
  expect(it.error.value).toBeInstanceOf(Error)
})

it('a dialog takes the keyboard, Escape closes it and focus goes back', async () => {
  const open = ref(false)
  const wrapper = mount(
    defineComponent(() => {
      const panel = ref<HTMLElement | null>(null)
      useDialogFocus(open, panel, () => (open.value = false))
      return () => [
        h('button', { id: 'opener' }),
        h('div', { ref: panel, id: 'panel', tabindex: -1 }, [h('button')]),
      ]
    }),
    { attachTo: document.body },
  )
  document.getElementById('opener')?.focus()
  open.value = true
  await nextTick()
  await settle()
  expect(document.activeElement?.id).toBe('panel')
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
  await nextTick()
  expect(open.value).toBe(false)
  expect(document.activeElement?.id).toBe('opener')
  wrapper.unmount()
})
