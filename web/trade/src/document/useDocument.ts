// What the document page shows: the document's facts, its bytes, the user's seals, what verification says. Each may fail by itself.
import {
  ApiError,
  trade,
  type Appearance,
  type TradeDocument,
  type VerificationReport,
} from '@guiqian/shared/api'
import { ref, shallowRef } from 'vue'

export function useDocument(id: string) {
  const document = shallowRef<TradeDocument>()
  const data = shallowRef<Uint8Array<ArrayBuffer>>()
  const appearances = shallowRef<Appearance[]>()
  const report = shallowRef<VerificationReport>()
  const failure = shallowRef<unknown>()
  const sealFailure = shallowRef<unknown>()
  const missing = ref(false)
  const checking = ref(false)

  async function load(): Promise<void> {
    failure.value = undefined
    try {
      const [found, bytes] = await Promise.all([trade.document(id), trade.file(id)])
      document.value = found
      data.value = bytes
      if (found.signatures.length) void check()
    } catch (cause) {
      missing.value = cause instanceof ApiError && cause.status === 404
      failure.value = cause
    }
  }

  async function loadSeals(): Promise<void> {
    sealFailure.value = undefined
    try {
      appearances.value = (await trade.appearances()).items
    } catch (cause) {
      sealFailure.value = cause
    }
  }

  /** Verification is an addition to the list of signatures; without it the list stands alone. */
  async function check(): Promise<void> {
    const bytes = data.value
    if (!bytes) return
    checking.value = true
    const found = await trade.verify(new Blob([bytes], { type: 'application/pdf' })).catch(() => undefined)
    if (data.value === bytes) report.value = found
    checking.value = false
  }

  /** Puts the signed revision in place of the one before. */
  function replace(bytes: Uint8Array<ArrayBuffer>): void {
    data.value = bytes
    report.value = undefined
    void check()
  }

  return {
    document,
    data,
    appearances,
    report,
    failure,
    sealFailure,
    missing,
    checking,
    load,
    loadSeals,
    replace,
  }
}
