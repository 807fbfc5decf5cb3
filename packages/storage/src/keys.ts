import { InvalidKeyError } from './errors.ts'

const MAX_KEY_LENGTH = 200
const KEY = /^[a-z0-9-]+(\/[a-z0-9-]+)*(\.[a-z0-9]+)?$/
const FOLDER = /^[a-z0-9-]+(\/[a-z0-9-]+)*$/

/**
 * Whether a text has the form of a key. Only names made by servers fit: no traversal, no NUL, no
 * hidden names, no escapes.
 */
export function isStorageKey(text: string): boolean {
  return text.length <= MAX_KEY_LENGTH && KEY.test(text)
}

/** Throws `InvalidKeyError` unless the text is a key. */
export function assertStorageKey(text: string): void {
  if (!isStorageKey(text)) throw new InvalidKeyError()
}

/** Throws `InvalidKeyError` unless the text names a folder, for example `media/ab12`. */
export function assertFolder(text: string): void {
  if (text.length > MAX_KEY_LENGTH || !FOLDER.test(text)) throw new InvalidKeyError()
}
