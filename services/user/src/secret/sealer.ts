import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { ConfigError } from '@fanone/service-kit'
import { z } from 'zod'

const SECRET_NAME = 'account-encryption-key'
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The versions of the key, any order. Longer than nobody can guess, whatever characters it has. */
const Versions = z
  .array(z.strictObject({ version: z.int().min(1).max(999_999), key: z.string().min(32) }))
  .min(1)
  .refine((all) => new Set(all.map(({ version }) => version)).size === all.length)

/** A sealed text and the version of the key it was sealed with. */
export interface Sealed {
  /** Nonce, ciphertext and tag, in base64url. */
  sealed: string
  keyVersion: number
}

/**
 * Encrypts small secrets for the database (AES-256-GCM). New ones get the highest version of the
 * key; those of older versions can be opened as long as the secret store has their key.
 */
export class Sealer {
  readonly currentVersion: number
  readonly #keys: Map<number, Buffer>

  private constructor(keys: Map<number, Buffer>) {
    this.#keys = keys
    this.currentVersion = Math.max(...keys.keys())
  }

  /**
   * @param secret JSON: `[{"version":1,"key":"…"}]`
   * @throws ConfigError in one line, without the secret, for anything else
   */
  static parse(secret: string): Sealer {
    try {
      const versions = Versions.parse(JSON.parse(secret))
      const derive = (key: string) => Buffer.from(hkdfSync('sha256', key, '', 'fanone user: sealed secrets', 32))
      return new Sealer(new Map(versions.map(({ version, key }) => [version, derive(key)])))
    } catch {
      throw new ConfigError(
        `The secret ${SECRET_NAME} must be a JSON list of version and key, of 32 characters or more`,
      )
    }
  }

  /** @param owner what the text belongs to: it cannot be opened as anything else's */
  seal(text: string, owner: string): Sealed {
    const nonce = randomBytes(NONCE_BYTES)
    const keyVersion = this.currentVersion
    const cipher = createCipheriv(CIPHER, this.#keyOf(keyVersion), nonce).setAAD(Buffer.from(owner))
    const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
    return { sealed: Buffer.concat(parts).toString('base64url'), keyVersion }
  }

  /** @throws Error if it was changed, belongs to another owner, or its key is no longer there */
  open({ sealed, keyVersion }: Sealed, owner: string): string {
    const bytes = Buffer.from(sealed, 'base64url')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(CIPHER, this.#keyOf(keyVersion), nonce).setAAD(Buffer.from(owner))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  }

  #keyOf(version: number): Buffer {
    const key = this.#keys.get(version)
    if (!key) throw new Error(`the secret ${SECRET_NAME} has no version ${version}`)
    return key
  }
}
