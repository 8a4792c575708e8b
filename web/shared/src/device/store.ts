/**
 * What the phone keeps, in IndexedDB.
 *
 * A key's blob is the masked share of docs/protocol.md, encrypted under the device's secret, which in turn is
 * encrypted under an AES-GCM key that the browser never hands out. Nothing here lets a PIN be tried without the server.
 */

/** This browser as a device of one account. */
export interface DeviceRecord {
  accountId: string
  /** The platform's id for this device; absent until it has registered. */
  deviceId?: string
  /** P-256, not extractable: signs every key operation. */
  signing: CryptoKeyPair
  /** AES-GCM, not extractable: wraps the secret. */
  wrapping: CryptoKey
  /** K_dev, 32 random octets, encrypted under `wrapping`. */
  secret: { iv: Uint8Array<ArrayBuffer>; data: Uint8Array<ArrayBuffer> }
}

/** A key of this device. */
export interface KeyRecord {
  keyId: string
  accountId: string
  enrolmentId: string
  certificateId?: string
  blob: Uint8Array
  /** The next epoch's key, while a change of the PIN is under way: the platform says which of both counts. */
  next?: Uint8Array
  /** The key with the encryption keys' halves in it, until the platform knows that they are stored. */
  delivered?: { blob: Uint8Array; receipt: { public_key: string; device_signature: string } }
  createdAt: string
}

/** What this browser has seen of the transparency log: the key it signs with, and the newest head. */
export interface LogRecord {
  id: 'log'
  publicKey: string
  head: { size: number; timestamp_ms: number; root: string; signature: string }
}

const NAME = 'guiqian-device'
const VERSION = 2

let opened: Promise<IDBDatabase> | undefined

function database(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION)
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore('devices', { keyPath: 'accountId' })
        const keys = request.result.createObjectStore('keys', { keyPath: 'keyId' })
        keys.createIndex('account', 'accountId')
        keys.createIndex('enrolment', 'enrolmentId', { unique: true })
      }
      request.result.createObjectStore('log', { keyPath: 'id' })
    }
    request.onsuccess = () => {
      // Another tab with newer code may want to upgrade: let it.
      request.result.onversionchange = () => {
        request.result.close()
        opened = undefined
      }
      resolve(request.result)
    }
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
    request.onblocked = () => reject(new Error('IndexedDB is blocked by another tab'))
  }).catch((error: unknown) => {
    opened = undefined
    throw error
  })
  return opened
}

async function run<T>(
  store: 'devices' | 'keys' | 'log',
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database()
  return new Promise<T>((resolve, reject) => {
    // Strict durability: a token that the server has moved past must not come back after a power cut.
    const transaction = db.transaction(
      store,
      mode,
      mode === 'readwrite' ? { durability: 'strict' } : undefined,
    )
    const request = act(transaction.objectStore(store))
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'))
  })
}

export const devices = {
  get: (accountId: string): Promise<DeviceRecord | undefined> =>
    run<DeviceRecord | undefined>('devices', 'readonly', (store) => store.get(accountId)),
  put: (record: DeviceRecord): Promise<unknown> => run('devices', 'readwrite', (store) => store.put(record)),
  delete: (accountId: string): Promise<unknown> =>
    run('devices', 'readwrite', (store) => store.delete(accountId)),
}

export const keys = {
  get: (keyId: string): Promise<KeyRecord | undefined> =>
    run<KeyRecord | undefined>('keys', 'readonly', (store) => store.get(keyId)),
  ofEnrolment: (enrolmentId: string): Promise<KeyRecord | undefined> =>
    run<KeyRecord | undefined>('keys', 'readonly', (store) => store.index('enrolment').get(enrolmentId)),
  all: (): Promise<KeyRecord[]> => run<KeyRecord[]>('keys', 'readonly', (store) => store.getAll()),
  put: (record: KeyRecord): Promise<unknown> => run('keys', 'readwrite', (store) => store.put(record)),
  delete: (keyId: string): Promise<unknown> => run('keys', 'readwrite', (store) => store.delete(keyId)),
  async update(keyId: string, change: Partial<KeyRecord>): Promise<void> {
    const record = await this.get(keyId)
    if (record) await this.put({ ...record, ...change })
  },
}

export const seenLog = {
  get: (): Promise<LogRecord | undefined> =>
    run<LogRecord | undefined>('log', 'readonly', (store) => store.get('log')),
  put: (record: LogRecord): Promise<unknown> => run('log', 'readwrite', (store) => store.put(record)),
}
