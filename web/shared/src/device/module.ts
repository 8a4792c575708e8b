/** The WebAssembly module, loaded once and only when it is needed. */
import init, * as device from '../../wasm/device.js'
import moduleUrl from '../../wasm/device_bg.wasm?url'
import { KeyOperationError } from './errors'

export type Module = typeof device
export type {
  Delivery,
  KeyGeneration,
  Outcome,
  Preparation,
  Refresh,
  Route,
  Signing,
} from '../../wasm/device.js'

let loading: Promise<Module> | undefined

export function load(): Promise<Module> {
  loading ??= init({ module_or_path: moduleUrl }).then(
    () => device,
    (cause: unknown) => {
      // A lost connection must not make the module unusable until the next start.
      loading = undefined
      throw new KeyOperationError(typeof WebAssembly === 'object' ? 'NETWORK' : 'UNSUPPORTED', undefined, {
        cause,
      })
    },
  )
  return loading
}
