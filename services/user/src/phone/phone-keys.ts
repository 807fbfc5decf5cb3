import { createHmac, hkdfSync, randomInt, timingSafeEqual } from 'node:crypto'
import { ConfigError } from '@fanone/service-kit'

const SECRET_NAME = 'phone-index-key'
const MIN_LENGTH = 32

/**
 * Turns numbers and codes into what the database may hold: an HMAC under a key of the secret store.
 * Numbers and codes are so few that a plain hash of them could be searched through.
 */
export class PhoneKeys {
  readonly #indexKey: Buffer
  readonly #codeKey: Buffer

  /**
   * @param secret may never change: it is how accounts are found
   * @throws ConfigError in one line, without the secret, for one that could be guessed
   */
  constructor(secret: string) {
    if (secret.length < MIN_LENGTH)
      throw new ConfigError(`The secret ${SECRET_NAME} must have ${MIN_LENGTH} characters or more`)
    const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `fanone user: ${purpose}`, 32))
    this.#indexKey = derive('index of phones')
    this.#codeKey = derive('codes of phones')
  }

  /** The same for the same number, and nothing to anybody without the key. */
  indexOf(number: string): string {
    return createHmac('sha256', this.#indexKey).update(number).digest('base64url')
  }

  /** What is kept of a code. */
  markOf(numberIndex: string, code: string): string {
    return createHmac('sha256', this.#codeKey).update(`${numberIndex} ${code}`).digest('base64url')
  }
}

/** Six digits, each as likely as any other. */
export const newCode = () => String(randomInt(1_000_000)).padStart(6, '0')

/** Compares in the same time wherever they differ. */
export const isSameMark = (one: string, other: string) =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
