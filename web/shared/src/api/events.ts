/** Live events (SSE). The browser resumes by Last-Event-ID; we come back ourselves when it gives up. */
export interface Subscription {
  close(): void
}

export interface Listener {
  events: Record<string, (data: unknown) => void>
  onOpen?: () => void
  onLost?: () => void
}

const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 30_000

export function subscribe(url: string, listener: Listener): Subscription {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_RETRY_MS
  let closed = false

  const open = () => {
    source = new EventSource(url)
    source.onopen = () => {
      wait = FIRST_RETRY_MS
      listener.onOpen?.()
    }
    for (const [name, handle] of Object.entries(listener.events)) {
      source.addEventListener(name, (event) => handle(parse((event as MessageEvent<string>).data)))
    }
    source.onerror = () => {
      listener.onLost?.()
      if (source?.readyState !== EventSource.CLOSED || closed) return
      timer = setTimeout(open, wait)
      wait = Math.min(wait * 2, LAST_RETRY_MS)
    }
  }
  open()

  return {
    close() {
      closed = true
      clearTimeout(timer)
      source?.close()
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
