/** Why a key operation did not happen; the codes of docs/protocol.md, and those that arise on the phone itself. */
export type KeyOperationCode =
  | 'PIN_WRONG'
  | 'LOCKED'
  | 'NONCE_GONE'
  | 'CONFLICT'
  | 'CLONE_SUSPECT'
  | 'SUSPENDED'
  | 'REVOKED'
  | 'RETRY'
  | 'REFUSED'
  /** The server could not be reached; nothing was signed. */
  | 'NETWORK'
  /** The server's answer did not stand up to the phone's checks; nothing was released. */
  | 'UNTRUSTED_ANSWER'
  /** This browser does not hold the key. */
  | 'KEY_NOT_HERE'
  /** The browser lacks WebAssembly, WebCrypto or IndexedDB, or refuses storage. */
  | 'UNSUPPORTED'

/** A key operation that was refused or broken off. No signature was released. */
export class KeyOperationError extends Error {
  override readonly name = 'KeyOperationError'

  constructor(
    readonly code: KeyOperationCode,
    /** PIN attempts left, with `PIN_WRONG`. */
    readonly left?: number,
    options?: ErrorOptions,
  ) {
    super(code, options)
  }
}
