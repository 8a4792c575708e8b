import { phone, type Subscription } from '@guiqian/shared/api'
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useSession } from './session'

/**
 * What the platform announces while the app is open. Each counter moves when something of its kind changed;
 * views watch the counter and ask again, so an event carries no content that could be stale.
 */
export const useLive = defineStore('live', () => {
  const messages = ref(0)
  const applications = ref(0)
  const requests = ref(0)
  const online = ref(navigator.onLine)
  let subscription: Subscription | undefined

  window.addEventListener('online', () => (online.value = true))
  window.addEventListener('offline', () => (online.value = false))

  function start(): void {
    if (subscription) return
    const session = useSession()
    const refresh = () => void session.load().catch(() => undefined)
    subscription = phone.events({
      events: {
        message: () => {
          messages.value += 1
          refresh()
        },
        application: () => {
          applications.value += 1
          refresh()
        },
        scan_request: () => {
          requests.value += 1
        },
      },
      onOpen: () => {
        online.value = true
      },
    })
  }

  function stop(): void {
    subscription?.close()
    subscription = undefined
  }

  return { messages, applications, requests, online, start, stop }
})
