import { phone, watchConnection, type Subscription } from '@guiqian/shared/api'
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

  // The browser's own word is optimistic: what counts is whether the platform answers. One lost question is no lost network.
  let lost = 0
  watchConnection((reached) => {
    lost = reached ? 0 : lost + 1
    if (reached) online.value = true
    else if (!navigator.onLine || lost > 1) online.value = false
  })

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
