import { ref } from 'vue'

export interface Toast {
  id: number
  kind: 'ok' | 'error'
  text: string
}

export const toasts = ref<Toast[]>([])
let last = 0

const SHOW_MS = { ok: 3_500, error: 7_000 }

export function toast(text: string, kind: Toast['kind'] = 'ok'): void {
  const id = ++last
  toasts.value = [...toasts.value.slice(-2), { id, kind, text }]
  setTimeout(() => dismiss(id), SHOW_MS[kind])
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((t) => t.id !== id)
}
