// How a scan stands, in the words that every place that shows one uses.
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { ApiError } from '../api/problem'
import { messages } from './messages'
import type { ScanRun } from './useScan'

export function useScanWords(run: ScanRun, purpose: () => 'login' | 'sign') {
  const { t, locale } = useI18n({ useScope: 'local', inheritLocale: true, messages })
  const phase = computed(() => run.scan.value.phase)
  /** Nothing comes any more unless one asks anew. */
  const over = computed(() => ['refused', 'expired', 'failed'].includes(phase.value.name))

  const status = computed(() => {
    const now = phase.value
    if (!run.scan.value.connected) return t('lost')
    switch (now.name) {
      case 'starting':
        return t('starting')
      case 'waiting':
        return t('live')
      case 'claimed':
      case 'finishing':
      case 'done':
        return t(`${now.name}.${purpose()}`)
      case 'refused':
      case 'expired':
        return t(`${now.name}.text`)
      case 'failed':
        return now.error instanceof ApiError ? now.error.text(locale.value) : t(`failed.${now.retry}`)
    }
    return ''
  })
  return { t, phase, over, status }
}
