import type { EnterpriseFacts } from '@guiqian/shared/api'
import { defineStore } from 'pinia'
import { ref } from 'vue'

/**
 * What was typed into drafts and cannot be kept by the platform yet, because it is half finished. In memory alone: identity
 * numbers do not belong into a phone's storage.
 */
export const useDrafts = defineStore('drafts', () => {
  const facts = ref(new Map<string, EnterpriseFacts>())
  return { facts }
})
