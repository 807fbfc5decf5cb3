import type { SessionOrigin } from '@fanone/contracts'
import type { Database, EntityManager, SensitiveWords } from '@fanone/service-kit'
import type { AuditLog } from '../audit/audit-log.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import { insertAccount } from './account.repository.ts'
import { displayUsername, usernameKey } from './username.ts'

/** A user who has just been made. */
export interface Created {
  userId: number
  openedAtMs: number
}

/** Makes the rows of new users, however they register. */
export class NewAccounts {
  readonly #database: Database
  readonly #words: Pick<SensitiveWords, 'refuse'>
  readonly #profiles: Pick<ProfileService, 'add'>
  readonly #audit: Pick<AuditLog, 'add'>

  constructor(options: {
    database: Database
    words: Pick<SensitiveWords, 'refuse'>
    profiles: Pick<ProfileService, 'add'>
    audit: Pick<AuditLog, 'add'>
  }) {
    this.#database = options.database
    this.#words = options.words
    this.#profiles = options.profiles
    this.#audit = options.audit
  }

  /** For callers that have something to do before. @throws ServiceError `sensitive_words` */
  requireAllowed(username: string): void {
    this.#words.refuse({ username })
  }

  /**
   * Adds a user in the transaction of their registration.
   *
   * @param user.username made of the id where it is left out
   * @param user.passwordHash empty for an account that no password opens
   * @throws ServiceError `username_taken`, `sensitive_words`
   */
  async add(
    em: EntityManager,
    user: { username: string | undefined; passwordHash: string; origin: SessionOrigin | undefined },
  ): Promise<Created> {
    const id = this.#database.newId()
    const username = displayUsername(user.username ?? `fan${id}`)
    this.requireAllowed(username)
    const createdAt = new Date()
    const credentials = { usernameKey: usernameKey(username), passwordHash: user.passwordHash, credentialsVersion: 1 }
    await insertAccount(em, { id, ...credentials, createdAt })
    this.#profiles.add(em, { id, username, createdAt })
    await this.#audit.add(em, { userId: id, action: 'signed_up', origin: user.origin })
    return { userId: id, openedAtMs: createdAt.getTime() }
  }
}
