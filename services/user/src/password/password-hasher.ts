import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import type { HashQueue } from './hash-queue.ts'

/**
 * Argon2id (2) as the OWASP Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane.
 */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Hashes and checks passwords in libuv's threads, as many at a time as the queue allows. */
export class PasswordHasher {
  readonly #queue: HashQueue
  readonly #decoyHash: string

  private constructor(queue: HashQueue, decoyHash: string) {
    this.#queue = queue
    this.#decoyHash = decoyHash
  }

  static async create(queue: HashQueue): Promise<PasswordHasher> {
    return new PasswordHasher(queue, await hash(randomBytes(32), PARAMETERS))
  }

  /** See `HashQueue`. @throws ServiceError `too_many_requests` */
  requireRoom(): void {
    this.#queue.requireRoom()
  }

  /** @returns PHC string. @throws ServiceError `too_many_requests`, `timeout`; see `HashQueue` */
  hash(password: string, signal?: AbortSignal): Promise<string> {
    return this.#queue.run(() => hash(toBytes(password), PARAMETERS), signal)
  }

  /**
   * Verifies a password. Without a hash, or with the empty one of an account that has no password,
   * the answer is no after the same work, so that the time does
   * not reveal whether a user exists.
   *
   * @throws ServiceError `too_many_requests`, `timeout`; see `HashQueue`
   */
  async verify(passwordHash: string | undefined, password: string, signal?: AbortSignal): Promise<boolean> {
    const fits = await this.#queue.run(() => verify(passwordHash || this.#decoyHash, toBytes(password)), signal)
    return fits && Boolean(passwordHash)
  }
}

/** One form for what keyboards type differently (NIST SP 800-63B, 5.1.1.2: NFKC). */
function toBytes(password: string): Uint8Array {
  return Buffer.from(password.normalize('NFKC'), 'utf8')
}
