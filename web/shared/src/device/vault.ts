/** The browser's own keys: one signs requests, one wraps the device's secret. Neither can be exported. */
import { devices, type DeviceRecord } from './store'

/** A device that the platform knows. */
export type RegisteredDevice = DeviceRecord & { deviceId: string }

/** The device record of `accountId`, made on first use. */
export async function openVault(accountId: string): Promise<DeviceRecord> {
  const found = await devices.get(accountId)
  if (found) return found
  const signing = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ])
  const wrapping = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const plain = crypto.getRandomValues(new Uint8Array(32))
  const data = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, wrapping, plain))
  plain.fill(0)
  const record: DeviceRecord = { accountId, signing, wrapping, secret: { iv, data } }
  await devices.put(record)
  // Best effort: without it the browser may drop the share when storage runs low.
  await navigator.storage?.persist?.().catch(() => false)
  return record
}

/** K_dev in the clear, for one operation. */
export async function openSecret({ wrapping, secret }: DeviceRecord): Promise<Uint8Array> {
  return new Uint8Array(
    await crypto.subtle.decrypt({ name: 'AES-GCM', iv: secret.iv }, wrapping, secret.data),
  )
}

/** The device's public key, 65 octets, uncompressed. */
export async function publicKey(device: DeviceRecord): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', device.signing.publicKey))
}

/** ECDSA P-256 with SHA-256 over `digest`, r||s. */
export async function approve(device: DeviceRecord, digest: Uint8Array): Promise<Uint8Array> {
  const data = new Uint8Array(digest)
  return new Uint8Array(
    await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, device.signing.privateKey, data),
  )
}
