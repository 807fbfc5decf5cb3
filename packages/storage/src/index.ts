export { StorageConfig, SweepConfig } from './config.ts'
export {
  InvalidKeyError,
  ObjectNotFoundError,
  OffsetMismatchError,
  StorageFullError,
  TooLargeError,
} from './errors.ts'
export { isStorageKey } from './keys.ts'
export { chunkFolder, chunkKey, mediaFolder, mediaStoreFolder, publicKey, uploadKey } from './layout.ts'
export { throwFull } from './local-files.ts'
export { createLocalStorage } from './local-storage.ts'
export { openStorage, storageSecrets } from './open-storage.ts'
export type { AppendOptions, ByteRange, GrowingObjects, PutOptions, Storage, StoredObject } from './storage.ts'
