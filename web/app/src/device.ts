/**
 * The phone's half of the key, loaded when first needed: the module with its WebAssembly stays out of the first load.
 */
import type { Certificate, Enrolment } from '@guiqian/shared/api'

export type DeviceStep = 'prepare' | 'unlock' | 'ask' | 'check' | 'store' | 'issue'

export type PinStrength = 'ok' | 'format' | 'repeated' | 'sequence' | 'pattern' | 'popular'

/** The face of `@guiqian/shared/device` that this app uses. */
export interface DeviceModule {
  isSupported(): boolean
  warmUp(): Promise<void>
  ensureDevice(accountId: string, name: string): Promise<string>
  enrol(options: {
    enrolment: Enrolment
    pin: string
    onStep?: (step: DeviceStep) => void
  }): Promise<{ keyId: string; certificate: Pick<Certificate, 'id'> }>
  prepare(keyId: string, taskId: string): Promise<void>
  sign(options: {
    keyId: string
    pin: string
    taskId: string
    message: Uint8Array
    onStep?: (step: DeviceStep) => void
  }): Promise<Uint8Array>
  pdfDigest(pdf: Uint8Array): Promise<Uint8Array>
  listKeys(): Promise<{ keyId: string; certificateId?: string }[]>
  pinStrength(pin: string): Promise<PinStrength>
}

const modules = import.meta.glob<DeviceModule>('../../shared/src/device/index.ts')

/** Loads the module; rejects when the browser cannot fetch it. */
export async function device(): Promise<DeviceModule> {
  const load = Object.values(modules)[0]
  if (!load) throw new Error('the device module is not part of this build')
  return load()
}

/** The code and the number of tries left, when `error` is the module's refusal. */
export function keyRefusal(error: unknown): { code: string; left?: number } | undefined {
  if (!(error instanceof Error) || error.name !== 'KeyOperationError' || !('code' in error)) return undefined
  const left = 'left' in error && typeof error.left === 'number' ? error.left : undefined
  return { code: String(error.code), left }
}

/** Ids of the keys held here; empty when this browser cannot hold any. */
export async function keysHere(): Promise<Set<string>> {
  try {
    return new Set((await (await device()).listKeys()).map((key) => key.keyId))
  } catch {
    return new Set()
  }
}

/** A name under which the owner recognises this phone in a list. */
export function deviceName(agent: string = navigator.userAgent): string {
  const model = /\(Linux; Android [^;)]*; ([^;)]+?)(?: Build[^;)]*)?\)/.exec(agent)?.[1]
  if (model && model !== 'K') return model
  if (/iPhone/.test(agent)) return 'iPhone'
  if (/iPad/.test(agent)) return 'iPad'
  if (/Android/.test(agent)) return 'Android'
  if (/Windows/.test(agent)) return 'Windows'
  if (/Mac OS X/.test(agent)) return 'Mac'
  return 'Linux'
}
