import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, ref } from 'vue'
import { useAutosave } from './autosave'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function draft(save: (value: string) => Promise<void>) {
  const text = ref('')
  let flush!: () => Promise<void>
  const page = mount(
    defineComponent({
      setup() {
        flush = useAutosave(text, save).flush
        return () => null
      },
    }),
  )
  return { text, page, flush: () => flush() }
}

describe('a draft', () => {
  it('is saved once, a moment after the last letter', async () => {
    const save = vi.fn(() => Promise.resolve())
    const { text } = draft(save)
    for (const value of ['桂', '桂林', '桂林漓江']) {
      text.value = value
      await vi.advanceTimersByTimeAsync(300)
    }
    expect(save).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(800)
    expect(save).toHaveBeenCalledExactlyOnceWith('桂林漓江')
  })

  it('is saved when the page is left before that moment', async () => {
    const save = vi.fn(() => Promise.resolve())
    const { text, page } = draft(save)
    text.value = '桂林'
    page.unmount()
    await vi.advanceTimersByTimeAsync(0)
    expect(save).toHaveBeenCalledExactlyOnceWith('桂林')
  })

  it('is not saved when nothing was typed', async () => {
    const save = vi.fn(() => Promise.resolve())
    const { page, flush } = draft(save)
    await flush()
    page.unmount()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(save).not.toHaveBeenCalled()
  })

  it('tells whoever waits that it could not be saved, and tries again', async () => {
    const save = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('offline')).mockResolvedValue()
    const { text, flush } = draft(save)
    text.value = '桂林'
    await expect(flush()).rejects.toThrow('offline')
    await flush()
    expect(save).toHaveBeenCalledTimes(2)
  })

  it('is written in the order in which it was typed', async () => {
    const order: string[] = []
    let release = () => {}
    const save = vi.fn(async (value: string) => {
      if (value === '一') await new Promise<void>((resolve) => (release = resolve))
      order.push(value)
    })
    const { text, flush } = draft(save)
    text.value = '一'
    const first = flush()
    await vi.advanceTimersByTimeAsync(0)
    text.value = '二'
    const second = flush()
    await vi.advanceTimersByTimeAsync(0)
    release()
    await Promise.all([first, second])
    expect(order).toEqual(['一', '二'])
  })
})
