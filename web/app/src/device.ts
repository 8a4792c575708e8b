/**
 * The phone's half of the key, loaded when first needed: the module with its WebAssembly stays out of the first load.
 */
import { ApiError, phone } from '@guiqian/shared/api'
import type * as DeviceModule from '@guiqian/shared/device'
import type { KeyOperationCode } from '@guiqian/shared/device'

export type { Step as DeviceStep } from '@guiqian/shared/device'

/** Loads the module; rejects when the browser cannot fetch it. */
export function device(): Promise<typeof DeviceModule> {
  return import('@guiqian/shared/device')
}

/** The code and the number of tries left, when `error` is the module's refusal. */
export function keyRefusal(error: unknown): { code: KeyOperationCode; left?: number } | undefined {
  if (!(error instanceof Error) || error.name !== 'KeyOperationError' || !('code' in error)) return undefined
  const left = 'left' in error && typeof error.left === 'number' ? error.left : undefined
  return { code: error.code as KeyOperationCode, left }
}

/** Ids of the keys held here; empty when this browser cannot hold any. */
export async function keysHere(): Promise<Set<string>> {
  try {
    return new Set((await (await device()).listKeys()).map((key) => key.keyId))
  } catch {
    return new Set()
  }
}

/**
 * Says that this login works on this phone; forgets the phone's keys when it was logged out for ever meanwhile. Gives the
 * phone's id as a device of the account, if it is one.
 */
export async function announceHere(accountId: string): Promise<string | undefined> {
  const module = await device()
  const id = await module.deviceHere(accountId)
  if (!id) return undefined
  try {
    await phone.atDevice(id)
    return id
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    await module.forgetDevice(accountId)
    return undefined
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
