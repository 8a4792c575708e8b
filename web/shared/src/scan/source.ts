// What the dialog needs from the site that shows it. The dialog itself knows no address: the trading platform asks its own
// server, another site asks another one.
import type { RequestState, ScanCode, StartedScan } from './scanState'

export interface ScanListener {
  code(code: ScanCode): void
  state(state: RequestState): void
  connected(): void
  lost(): void
}

export interface ScanSource {
  start(): Promise<StartedScan>
  /** Listens until the returned function is called. Reconnecting is the source's business. */
  listen(id: string, listener: ScanListener): () => void
  cancel(id: string): Promise<void>
  /** Takes the confirmed answer (logs in, fetches the signed document). What it throws is shown by errorText(). */
  finish(id: string): Promise<void>
}
