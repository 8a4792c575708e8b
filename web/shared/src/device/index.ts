/**
 * The phone's half of a key.
 *
 * Every secret lives in the WebAssembly module or behind keys that the browser does not hand out; this file moves
 * sealed octets between the module, IndexedDB and the server. One operation per key runs at a time, over all tabs:
 * the protocol's safety against concurrent sessions (docs/protocol.md) counts on it.
 */
import { get, path, send } from '../api/http'
import { ApiError } from '../api/problem'
import { fromBase64, toBase64 } from '../base64'
import { knock } from './door'
import { KeyOperationError, type KeyOperationCode } from './errors'
import { load, type Delivery, type Module, type Outcome, type Refresh, type Route } from './module'
import { devices, keys, type KeyRecord } from './store'
import { approve, openSecret, openVault, publicKey, type RegisteredDevice } from './vault'
import { fromUuid, toUuid } from './uuid'

export { KeyOperationError, type KeyOperationCode } from './errors'
export { checkUses, type LogVerdict, type UsesVerdict, type UseVerdict } from './log'

/** What a key operation is busy with, for a progress line. */
export type Step = 'prepare' | 'unlock' | 'ask' | 'store' | 'issue' | 'deliver'

type OnStep = (step: Step) => void

/** What `POST /api/applications/{id}/enrolments` gives. */
export interface Enrolment {
  id: string
  server_nonce: string
  subject: string
  account_id: string
}

/** Whether a PIN may be set: six to twelve digits, none of the obvious ones. */
export type PinStrength = 'ok' | 'malformed' | 'trivial'

/** Whether this browser can hold a key at all. */
export function isSupported(): boolean {
  return (
    typeof WebAssembly === 'object' &&
    typeof indexedDB === 'object' &&
    globalThis.isSecureContext &&
    typeof globalThis.crypto?.subtle === 'object' &&
    'locks' in navigator
  )
}

/** Loads the module ahead of time, so that the first operation does not wait for it. */
export async function warmUp(): Promise<void> {
  await load()
}

/** Whether `pin` may be set. */
export async function pinStrength(pin: string): Promise<PinStrength> {
  return (await load()).pinStrength(pin) as PinStrength
}

/** SM3 over the octets that the prepared signature of `pdf` covers; throws when it does not cover the whole file. */
export async function pdfDigest(pdf: Uint8Array): Promise<Uint8Array> {
  return (await load()).pdfDigest(pdf)
}

/** The keys that this browser holds. */
export async function listKeys(): Promise<{ keyId: string; accountId: string; certificateId?: string }[]> {
  if (!isSupported()) return []
  return (await keys.all()).map(({ keyId, accountId, certificateId }) => ({
    keyId,
    accountId,
    certificateId,
  }))
}

/** Forgets this browser as a device of `accountId`, with all keys: it was logged out for ever. */
export async function forgetDevice(accountId: string): Promise<void> {
  const held = await listKeys()
  for (const key of held) if (key.accountId === accountId) await forgetKey(key.keyId)
  await exclusive(`device-${accountId}`, () => devices.delete(accountId))
}

/** The platform's id for this browser as a device of `accountId`; registers it on first use. */
export async function ensureDevice(accountId: string, name: string): Promise<string> {
  if (!isSupported()) throw new KeyOperationError('UNSUPPORTED')
  return exclusive(`device-${accountId}`, async () => {
    const record = await openVault(accountId)
    if (record.deviceId) return record.deviceId
    const { id } = await send<{ id: string }>('POST', '/api/devices', {
      name,
      public_key: toBase64(await publicKey(record)),
    })
    await devices.put({ ...record, deviceId: id })
    return id
  })
}

/**
 * Makes a key with the server, protects this half with `pin`, signs the certificate request and returns the
 * certificate as `POST /api/enrolments/{id}/completion` gives it.
 *
 * It can be called again after any interruption: a key that was made is kept, under the PIN that was set then, and
 * only what is missing is done.
 */
export async function enrol<Certificate extends { id: string }>(options: {
  enrolment: Enrolment
  pin: string
  onStep?: OnStep
}): Promise<{ keyId: string; certificate: Certificate }> {
  const { enrolment, pin, onStep } = options
  const module = await load()
  return exclusive(`enrolment-${enrolment.id}`, async () => {
    onStep?.('prepare')
    const { keyId } = (await keys.ofEnrolment(enrolment.id)) ?? (await generate(module, enrolment, pin))
    const { certificate } = await request<Certificate>(module, enrolment, keyId, pin, onStep)
    return { keyId, certificate }
  })
}

/** What `POST /api/enrolments/{id}/completion` gives. */
interface Issued<Certificate> {
  certificate: Certificate
  delivery?: { shares: { public_key: string; sealed: string }[]; masks: string }
}

/**
 * Signs the certificate request, which names a one-time key, and takes in the halves of the encryption keys that come
 * sealed to it (docs/protocol.md, "Delivery").
 */
async function request<Certificate extends { id: string }>(
  module: Module,
  enrolment: Enrolment,
  keyId: string,
  pin: string,
  onStep?: OnStep,
): Promise<{ certificate: Certificate; missed?: ApiError | KeyOperationError }> {
  const delivery = new module.Delivery(fromUuid(enrolment.id))
  try {
    await send('PUT', path`/api/enrolments/${enrolment.id}/transport-key`, {
      public_key: toBase64(delivery.publicKey()),
    })
    const signature = await sign({
      keyId,
      pin,
      taskId: enrolment.id,
      message: (point) => delivery.requestInfo(fromBase64(enrolment.subject), point),
      onStep,
    })
    onStep?.('issue')
    const issued = await send<Issued<Certificate>>('POST', path`/api/enrolments/${enrolment.id}/completion`, {
      key_id: keyId,
      signature: toBase64(signature),
    })
    await keys.update(keyId, { certificateId: issued.certificate.id })
    onStep?.('deliver')
    const { certificate } = issued
    if (!issued.delivery) return { certificate }
    // The certificate is there whatever happens now; what did not come can be fetched on its page.
    const missed = await take(delivery, keyId, pin, issued.delivery).then(() => undefined, excused)
    return { certificate, missed }
  } finally {
    delivery.free()
  }
}

/** What a broken connection or a worthless answer leaves undone can be done later; a mistake of ours is thrown. */
function excused(error: unknown): ApiError | KeyOperationError {
  if (error instanceof KeyOperationError || error instanceof ApiError) return error
  throw error
}

/** Stores the halves beside the key as it was, tells the platform, and only then lets the key with them count. */
async function take(
  delivery: Delivery,
  keyId: string,
  pin: string,
  { shares, masks }: NonNullable<Issued<unknown>['delivery']>,
): Promise<void> {
  await exclusive(`key-${keyId}`, async () => {
    const { key, device } = await holding(keyId)
    for (const share of shares) delivery.add(fromBase64(share.public_key), fromBase64(share.sealed))
    const secret = await openSecret(device)
    const blob = timed(() => {
      try {
        return delivery.take(key.blob, secret, pin, fromBase64(masks))
      } catch (cause) {
        throw new KeyOperationError('UNTRUSTED_ANSWER', undefined, { cause })
      }
    })
    const receipt = {
      public_key: toBase64(delivery.publicKey()),
      device_signature: toBase64(await approve(device, delivery.receipt(fromUuid(keyId)))),
    }
    await keys.update(keyId, { delivered: { blob, receipt } })
    await settleDelivery({ ...key, delivered: { blob, receipt } })
  })
}

/** Tells the platform that the halves are stored; what it no longer wants is dropped and can be fetched again. */
async function settleDelivery(key: KeyRecord): Promise<KeyRecord> {
  const { delivered, ...rest } = key
  if (!delivered) return key
  let record: KeyRecord = { ...rest, blob: delivered.blob }
  try {
    await send('POST', path`/api/enrolments/${key.enrolmentId}/delivery-receipt`, delivered.receipt)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'KEY_DELIVERY_OVERTAKEN') throw error
    record = rest
  }
  await keys.put(record)
  return record
}

/** Fetches the encryption keys of a certificate whose download broke off before they came. */
export async function fetchEncryptionKeys(keyId: string, pin: string, onStep?: OnStep): Promise<void> {
  const module = await load()
  const { key, device } = await exclusive(`key-${keyId}`, () => holding(keyId))
  // A receipt that was under way has just been settled: then nothing is missing.
  if (module.encryptionKeys(key.blob, await openSecret(device)).length > 0) return
  const enrolment = await get<Enrolment>(path`/api/enrolments/${key.enrolmentId}`)
  const { missed } = await exclusive(`enrolment-${enrolment.id}`, () =>
    request(module, enrolment, keyId, pin, onStep),
  )
  if (missed) throw missed
}

/**
 * Encrypts something to each encryption key of a certificate and opens it again with the platform; how many keys there
 * are. Throws when one of them does not open what was encrypted to it.
 */
export async function checkDecryption(
  certificate: { id: string; key_id: string },
  pin: string,
): Promise<number> {
  const module = await load()
  return exclusive(`key-${certificate.key_id}`, async () => {
    const { key, device } = await holding(certificate.key_id)
    const points = module.encryptionKeys(key.blob, await openSecret(device))
    for (let at = 0; at < points.length; at += POINT) {
      const probe = crypto.getRandomValues(new Uint8Array(16))
      const publicKey = points.slice(at, at + POINT)
      const opened = await decrypt(module, certificate, pin, publicKey, module.encryptTo(publicKey, probe))
      if (toBase64(opened) !== toBase64(probe)) throw new KeyOperationError('UNTRUSTED_ANSWER')
    }
    return points.length / POINT
  })
}

/** Octets of an uncompressed point. */
const POINT = 65

/** Opens a DER SM2Cipher that was encrypted to one of the key's encryption keys. */
async function decrypt(
  module: Module,
  certificate: { id: string; key_id: string },
  pin: string,
  publicKey: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Uint8Array> {
  const keyId = certificate.key_id
  const task = await send<{ id: string }>('POST', path`/api/certificates/${certificate.id}/decryptions`, {
    public_key: toBase64(publicKey),
    c1: toBase64(module.ciphertextPoint(ciphertext)),
  })
  const { key, device } = await holding(keyId)
  const secret = await openSecret(device)
  const way = await route(module, device)
  const opening = timed(
    () =>
      new module.Decryption(way, key.blob, secret, pin, fromUuid(task.id), publicKey, ciphertext, Date.now()),
  )
  try {
    await keys.update(keyId, { blob: opening.blob() })
    await exchange(opening, device, () => keys.update(keyId, { blob: opening.blob() }))
    return opening.plaintext()
  } finally {
    opening.free()
  }
}

async function generate(module: Module, enrolment: Enrolment, pin: string): Promise<KeyRecord> {
  if (module.pinStrength(pin) !== 'ok') throw new RangeError('this PIN may not be set')
  const device = await registered(enrolment.account_id)
  const generation = new module.KeyGeneration(
    await route(module, device),
    fromUuid(enrolment.id),
    fromBase64(enrolment.server_nonce),
    Date.now(),
  )
  try {
    await exchange(generation, device)
    await exchange(generation, device)
    const blob = generation.protect(pin, await openSecret(device))
    const record: KeyRecord = {
      keyId: toUuid(generation.keyId()),
      accountId: enrolment.account_id,
      enrolmentId: enrolment.id,
      blob,
      createdAt: new Date().toISOString(),
    }
    await keys.put(record)
    commitments.set(record.keyId, [generation.commitment()])
    return record
  } finally {
    generation.free()
  }
}

/** The server's commitments to nonces, per key. They live as long as the page; the nonces die with the server's process. */
const commitments = new Map<string, Uint8Array[]>()

/** Fetches a nonce commitment ahead of time, while the user still reads, so that signing is one round trip. */
export async function prepare(keyId: string, taskId: string): Promise<void> {
  const module = await load()
  await exclusive(`key-${keyId}`, async () => {
    if (!commitments.get(keyId)?.length)
      commitments.set(keyId, [await fetchCommitment(module, keyId, taskId)])
  })
}

async function fetchCommitment(module: Module, keyId: string, taskId: string): Promise<Uint8Array> {
  const { key, device } = await holding(keyId)
  const preparation = new module.Preparation(
    await route(module, device),
    key.blob,
    await openSecret(device),
    fromUuid(taskId),
    Date.now(),
  )
  try {
    await exchange(preparation, device)
    return preparation.commitment()
  } finally {
    preparation.free()
  }
}

/** What to sign, for which task, with which key. */
export interface SignOptions {
  keyId: string
  pin: string
  /** The scan request or enrolment. */
  taskId: string
  /** The message M, or how to make it from the key's public point. */
  message: Uint8Array | ((publicKey: Uint8Array) => Uint8Array)
  onStep?: OnStep
}

/** Signs and returns the DER signature, which the module has verified. */
export async function sign(options: SignOptions): Promise<Uint8Array> {
  const module = await load()
  return exclusive(`key-${options.keyId}`, async () => {
    try {
      return await signOnce(module, options)
    } catch (error) {
      // The nonce was spent, or the server restarted: nothing was signed, so a fresh nonce may be asked for, once.
      const spent =
        error instanceof KeyOperationError && (error.code === 'NONCE_GONE' || error.code === 'RETRY')
      if (!spent) throw error
      commitments.delete(options.keyId)
      return signOnce(module, options)
    }
  })
}

async function signOnce(
  module: Module,
  { keyId, pin, taskId, message, onStep }: SignOptions,
): Promise<Uint8Array> {
  onStep?.('prepare')
  const commitment = commitments.get(keyId)?.shift() ?? (await fetchCommitment(module, keyId, taskId))
  const { key, device } = await holding(keyId)
  const secret = await openSecret(device)
  onStep?.('unlock')
  const way = await route(module, device)
  const signing = timed(() => {
    const octets = typeof message === 'function' ? message(module.publicKey(key.blob, secret)) : message
    return new module.Signing(way, key.blob, secret, pin, fromUuid(taskId), commitment, octets, Date.now())
  })
  try {
    // Before it is sent, the request's id is stored: if this page dies now, the next request says what was pending.
    await keys.update(keyId, { blob: signing.blob() })
    onStep?.('ask')
    await exchange(signing, device, () => keys.update(keyId, { blob: signing.blob() }))
    onStep?.('store')
    commitments.set(keyId, [...(commitments.get(keyId) ?? []), signing.commitment()])
    return signing.signature()
  } finally {
    signing.free()
  }
}

interface Operation {
  digest(): Uint8Array
  seal(signature: Uint8Array): Uint8Array
  receive(reply: Uint8Array, now: number): Outcome
}

/**
 * Has the device key sign an operation's request, sends it, and lets the operation take in the answer. `after` runs
 * when the operation has seen the answer, whatever the answer says.
 */
async function exchange(
  operation: Operation,
  device: RegisteredDevice,
  after?: () => Promise<void>,
): Promise<void> {
  const approval = await approve(device, operation.digest())
  const reply = await knock(timed(() => operation.seal(approval)))
  const { status, left } = timed(() => operation.receive(reply, Date.now()))
  await after?.()
  if (status !== 'OK') throw new KeyOperationError(status as KeyOperationCode, left)
}

/** The module's own work, for the browser's performance tools and for measurements: measures named `device`. */
function timed<T>(work: () => T): T {
  const start = performance.now()
  try {
    return work()
  } finally {
    performance.measure('device', { start })
  }
}

/** A new PIN for a key, and what opens it: the old one, or a recovery that was proven. */
export interface RefreshOptions {
  keyId: string
  newPin: string
  with: { pin: string } | { recoveryId: string }
  onStep?: OnStep
}

/**
 * Changes a key's PIN. The shares on both sides are replaced, the key and its certificate stay (docs/protocol.md,
 * "Refresh"). After any interruption one of both PINs is good, and the next use of the key finds out which.
 */
export async function changePin(options: RefreshOptions): Promise<void> {
  const module = await load()
  if (module.pinStrength(options.newPin) !== 'ok') throw new RangeError('this PIN may not be set')
  await exclusive(`key-${options.keyId}`, () => refresh(module, options))
}

async function refresh(
  module: Module,
  { keyId, newPin, with: opener, onStep }: RefreshOptions,
): Promise<void> {
  onStep?.('prepare')
  const { key, device } = await holding(keyId)
  const secret = await openSecret(device)
  const way = await route(module, device)
  onStep?.('unlock')
  const refreshing =
    'pin' in opener
      ? timed(() => module.Refresh.change(way, key.blob, secret, opener.pin, newPin, Date.now()))
      : await recovered(module, way, key, device, secret, opener.recoveryId, newPin)
  try {
    await keys.update(keyId, { blob: refreshing.blob() })
    onStep?.('ask')
    await exchange(refreshing, device)
    onStep?.('store')
    // Both epochs side by side before the platform hears of the second: whatever happens now, one of them counts.
    await keys.update(keyId, { blob: refreshing.blob(), next: refreshing.next() })
    commitments.delete(keyId)
    await exchange(refreshing, device)
    await keys.update(keyId, { blob: refreshing.next(), next: undefined })
    commitments.set(keyId, [refreshing.commitment()])
  } catch (error) {
    // An answer that was lost may have been a yes. If nobody can be asked now, the next use of the key asks.
    await holding(keyId).catch(() => undefined)
    const after = await keys.get(keyId)
    const went = after && !after.next && refreshing.isNext(after.blob)
    if (!went) throw error
  } finally {
    refreshing.free()
  }
}

/** Opens the key with the masks of the reset service, sealed to a key made for this one use. */
async function recovered(
  module: Module,
  way: Route,
  key: KeyRecord,
  device: RegisteredDevice,
  secret: Uint8Array,
  recoveryId: string,
  newPin: string,
): Promise<Refresh> {
  const request = new module.MaskRequest(fromUuid(recoveryId), fromUuid(key.keyId))
  try {
    const { sealed_masks } = await send<{ sealed_masks: string }>(
      'POST',
      path`/api/key-recoveries/${recoveryId}/masks`,
      {
        public_key: toBase64(request.publicKey()),
        device_signature: toBase64(await approve(device, request.digest())),
      },
    )
    const masks = fromBase64(sealed_masks)
    return timed(() => module.Refresh.recover(way, key.blob, secret, request, masks, newPin, Date.now()))
  } finally {
    request.free()
  }
}

/** Asks which epoch counts and drops the other. */
async function settled(key: KeyRecord, next: Uint8Array, device: RegisteredDevice): Promise<KeyRecord> {
  const module = await load()
  const secret = await openSecret(device)
  const question = new module.EpochQuestion(await route(module, device), key.blob, secret, Date.now())
  try {
    await exchange(question, device)
    const blob = question.isCurrent(next, secret) ? next : key.blob
    const record = { ...key, blob, next: undefined }
    await keys.put(record)
    commitments.delete(key.keyId)
    return record
  } finally {
    question.free()
  }
}

/** Forgets a key that has no other half any more: its certificate was revoked. */
export async function forgetKey(keyId: string): Promise<void> {
  if (!isSupported()) return
  await exclusive(`key-${keyId}`, async () => {
    commitments.delete(keyId)
    await keys.delete(keyId)
  })
}

/** The platform's id for this browser as a device of `accountId`, if it has registered. */
export async function deviceHere(accountId: string): Promise<string | undefined> {
  return isSupported() ? (await devices.get(accountId))?.deviceId : undefined
}

interface Held {
  key: KeyRecord
  device: RegisteredDevice
}

/** The key, once it is known which of its epochs counts. */
async function holding(keyId: string): Promise<Held> {
  const key = isSupported() ? await keys.get(keyId) : undefined
  if (!key) throw new KeyOperationError('KEY_NOT_HERE')
  const device = await registered(key.accountId)
  const whole = key.delivered ? await settleDelivery(key) : key
  return { key: whole.next ? await settled(whole, whole.next, device) : whole, device }
}

async function registered(accountId: string): Promise<RegisteredDevice> {
  const device = await devices.get(accountId)
  if (!device?.deviceId) throw new KeyOperationError('KEY_NOT_HERE')
  return { ...device, deviceId: device.deviceId }
}

/** Runs `work` alone among all tabs of this browser. */
async function exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
  return await navigator.locks.request(`guiqian-${name}`, work)
}

interface Platform {
  envelope_key: { id: string; public_key: string }
}

let platform: Promise<Platform> | undefined

async function route(module: Module, device: RegisteredDevice): Promise<Route> {
  platform ??= get<Platform>('/api/platform').catch((error: unknown) => {
    platform = undefined
    throw error
  })
  const { envelope_key } = await platform
  return new module.Route(
    fromUuid(device.accountId),
    fromUuid(device.deviceId),
    fromUuid(envelope_key.id),
    fromBase64(envelope_key.public_key),
  )
}
