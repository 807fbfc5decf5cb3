/** The key is not one that this system makes; nothing was touched. */
export class InvalidKeyError extends Error {
  constructor() {
    super('Not a storage key')
    this.name = 'InvalidKeyError'
  }
}

/** Nothing is stored under the key. */
export class ObjectNotFoundError extends Error {
  readonly key: string

  constructor(key: string, options?: ErrorOptions) {
    super(`Nothing is stored under ${key}`, options)
    this.name = 'ObjectNotFoundError'
    this.key = key
  }
}

/** The disk or the account's quota is full; nothing of the bytes was kept. */
export class StorageFullError extends Error {
  constructor(options?: ErrorOptions) {
    super('The storage is full', options)
    this.name = 'StorageFullError'
  }
}

/** The source gave more bytes than the caller allows; nothing of them was kept. */
export class TooLargeError extends Error {
  readonly maxBytes: number

  constructor(maxBytes: number) {
    super(`More than ${maxBytes} bytes`)
    this.name = 'TooLargeError'
    this.maxBytes = maxBytes
  }
}

/** An append came for another place than the end of what is there; nothing was written. */
export class OffsetMismatchError extends Error {
  /** How many bytes there are. */
  readonly sizeBytes: number

  constructor(sizeBytes: number) {
    super(`There are ${sizeBytes} bytes`)
    this.name = 'OffsetMismatchError'
    this.sizeBytes = sizeBytes
  }
}
