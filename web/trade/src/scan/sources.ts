// How this site asks for scans: through its own server, which speaks with the platform.
import { trade, type SealPlacement, type TradeDocument } from '@guiqian/shared/api'
import { listenTo } from '@guiqian/shared/scan/frames.ts'
import type { ScanListener, ScanSource } from '@guiqian/shared/scan/source.ts'

const listen = (id: string, listener: ScanListener): (() => void) =>
  listenTo(
    listener,
    (events) => trade.scanEvents(id, events),
    () => trade.scan(id),
  )

export function loginSource(onUser: () => Promise<void>): ScanSource {
  return {
    start: () => trade.startLoginScan(),
    listen,
    cancel: (id) => trade.cancelScan(id),
    async finish(id) {
      await trade.completeLogin(id)
      await onUser()
    },
  }
}

export function signSource(
  documentId: string,
  placements: () => SealPlacement[],
  onSigned: (document: TradeDocument) => void,
): ScanSource {
  return {
    start: () => trade.startSignScan(documentId, placements()),
    listen,
    cancel: (id) => trade.cancelScan(id),
    async finish(id) {
      onSigned(await trade.completeSign(id))
    },
  }
}
