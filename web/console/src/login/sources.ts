// The console asks for scans like any site: the platform is its own relying party.
import { desk, type Reviewer } from '@guiqian/shared/api'
import { listenTo } from '@guiqian/shared/scan/frames.ts'
import type { ScanSource } from '@guiqian/shared/scan/source.ts'

function source(start: ScanSource['start'], done: (who: Reviewer) => void): ScanSource {
  return {
    start,
    listen: (id, listener) =>
      listenTo(
        listener,
        (events) => desk.scanEvents(id, events),
        () => desk.scan(id),
      ),
    cancel: async (id) => {
      await desk.cancelScan(id)
    },
    async finish(id) {
      done((await desk.completeScan(id)).reviewer)
    },
  }
}

export const loginSource = (done: (who: Reviewer) => void): ScanSource =>
  source(() => desk.startLoginScan(), done)

export const linkSource = (done: (who: Reviewer) => void): ScanSource =>
  source(() => desk.startLinkScan(), done)
