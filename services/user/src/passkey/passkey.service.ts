import { randomUUID } from 'node:crypto'
import type {
  AccountProof,
  NewPasskeyCredential,
  Passkey,
  PasskeyCredential,
  SessionOrigin,
  SignedIn,
} from '@fanone/contracts'
import { type Database, type EntityManager, type Identity, runOnce, ServiceError } from '@fanone/service-kit'
import { lockAccount } from '../account/account.repository.ts'
import type { AccountProofs } from '../account/account-proofs.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { refuseBanned } from '../ban/ban.ts'
import type { SigningKeys } from '../key/signing-key.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import { firstSecret } from '../session/refresh-token.ts'
import type { Sessions } from '../session/sessions.ts'
import type { PasskeyRow } from './passkey.entity.ts'
import * as rows from './passkey.repository.ts'
import type { PasskeyChallenges } from './passkey-challenges.ts'
import { challengeOf, type MadePasskey, type RelyingParty } from './relying-party.ts'

export const MAX_PASSKEYS = 20
const LOG_IN = 'log in'

export interface PasskeyServiceOptions {
  database: Database
  challenges: PasskeyChallenges
  site: RelyingParty
  proofs: Pick<AccountProofs, 'check'>
  profiles: Pick<ProfileService, 'get' | 'getCreated'>
  sessions: Pick<Sessions, 'open'>
  signingKeys: Pick<SigningKeys, 'derive'>
  audit: Pick<AuditLog, 'add' | 'addFailure'>
  now?: () => Date
}

/**
 * Passkeys (WebAuthn Level 3): adding, listing and removing them, and logging in with one. Only
 * passkeys that their authenticator finds by itself and that verify their owner are taken, so no
 * user name is asked for and no second factor.
 */
export class PasskeyService {
  readonly #is: PasskeyServiceOptions
  readonly #now: () => Date

  constructor(options: PasskeyServiceOptions) {
    this.#is = options
    this.#now = options.now ?? (() => new Date())
  }

  /**
   * What a browser needs to make a passkey. A repeat with its key gets the same.
   *
   * @throws ServiceError `too_many_passkeys`, and what `AccountProofs.check` throws
   */
  async begin(
    identity: Identity,
    proof: AccountProof,
    { key, signal }: { key: string | undefined; signal: AbortSignal | undefined },
  ) {
    const { database, challenges, profiles, proofs, site } = this.#is
    const { userId } = identity
    const { username, name } = await profiles.get(userId)
    const present = await rows.findPasskeys(database.em(), userId)
    requireRoom(present)
    const prove = await proofs.check(identity, proof, signal)
    const call = { operation: 'passkeys.begin', identity, key, input: {} }
    const { challenge } = await runOnce(database, call, async (em) => {
      await prove(em)
      return { challenge: challenges.issue(makingOf(userId)).toString('base64url') }
    })
    const user = { id: userId, username, name }
    const options = await site.creationOptions({ challenge: Buffer.from(challenge, 'base64url'), user, present })
    return { publicKey: { ...options } }
  }

  /**
   * Adds a passkey that was made for the caller; the same one again changes nothing.
   *
   * @throws ServiceError `passkey_invalid`, `too_many_passkeys`
   */
  async add(
    { userId }: Identity,
    input: { name: string; credential: NewPasskeyCredential; origin?: SessionOrigin | undefined },
  ): Promise<Passkey> {
    const { database, challenges, site, audit } = this.#is
    const challenge = await challengeOf(input.credential)
    if (!challenges.isGood(challenge, makingOf(userId))) throw new ServiceError('passkey_invalid')
    const made = await site.checkMade(input.credential, challenge)
    return database.transaction(async (em) => {
      if (!(await lockAccount(em, userId))) throw new ServiceError('user_not_found')
      const present = await rows.findPasskeys(em, userId)
      const earlier = present.find(({ credentialId }) => credentialId === made.credentialId)
      if (earlier) return toPasskey(earlier)
      requireRoom(present)
      await challenges.spend(em, challenge)
      const passkey = this.#newRow(userId, input.name, made)
      // Whoever shows the same public half once more does not have the private one.
      if (await rows.findByCredential(em, made.credentialId)) throw new ServiceError('passkey_invalid')
      await rows.insertPasskey(em, passkey)
      await audit.add(em, { userId, action: 'passkey_added', subject: subjectOf(passkey), origin: input.origin })
      return toPasskey(passkey)
    })
  }

  /** The caller's passkeys, the oldest first. */
  async list({ userId }: Identity): Promise<Passkey[]> {
    return (await rows.findPasskeys(this.#is.database.em(), userId)).map(toPasskey)
  }

  /** @throws ServiceError `passkey_not_found` */
  async rename({ userId }: Identity, { id, name }: { id: number; name: string }): Promise<Passkey> {
    const renamed = await rows.renamePasskey(this.#is.database.em(), { id, userId, name })
    if (!renamed) throw new ServiceError('passkey_not_found')
    return toPasskey(renamed)
  }

  /**
   * Removes one of the caller's passkeys. A repeat with its key changes nothing.
   *
   * @throws ServiceError `passkey_not_found`, `idempotency_key_reused`
   */
  async remove(
    identity: Identity,
    { id, origin }: { id: number; origin?: SessionOrigin | undefined },
    key: string | undefined,
  ): Promise<void> {
    const { userId } = identity
    const call = { operation: 'passkeys.remove', identity, key, input: { id } }
    await runOnce(this.#is.database, call, async (em) => {
      const account = await lockAccount(em, userId)
      if (!account || !(await rows.deletePasskey(em, { id, userId }))) throw new ServiceError('passkey_not_found')
      await this.#is.audit.add(em, { userId, action: 'passkey_removed', subject: subjectOf({ id }), origin })
      account.credentialsVersion++
      return {}
    })
  }

  /** What a browser needs to let somebody choose a passkey. */
  async beginLogIn() {
    return { publicKey: { ...(await this.#is.site.requestOptions(this.#is.challenges.issue(LOG_IN))) } }
  }

  /**
   * Opens a session for what a passkey has signed. A repeat with its key gets the same tokens.
   *
   * @throws ServiceError `passkey_invalid`, whatever is wrong; `account_banned`,
   *   `idempotency_key_reused`
   */
  async logIn(
    { credential, origin }: { credential: PasskeyCredential; origin?: SessionOrigin | undefined },
    key: string | undefined,
  ): Promise<SignedIn> {
    const { database, challenges, profiles, sessions, signingKeys, audit } = this.#is
    const challenge = await challengeOf(credential)
    const passkey = await rows.findByCredential(database.em(), credential.id)
    if (!passkey || !challenges.isGood(challenge, LOG_IN)) throw new ServiceError('passkey_invalid')
    const { userId } = passkey
    const use = await this.#check(credential, { challenge, passkey, origin })
    const call = { operation: 'passkeys.logIn', identity: undefined, key, input: { challenge } }
    const entrance = await runOnce(database, call, async (em) => {
      await challenges.spend(em, challenge)
      return this.#enter(em, { ...use, id: passkey.id, userId })
    })
    const secret = firstSecret(signingKeys, entrance.sessionId)
    const within = (em: EntityManager) => audit.add(em, { userId, action: 'signed_in', origin })
    const user = await profiles.getCreated(userId)
    return { user, ...(await sessions.open({ ...entrance, origin, secret, within })) }
  }

  /** A repeat finds that its own first try has counted: it is looked at as if it were the first. */
  async #check(
    credential: PasskeyCredential,
    { challenge, passkey, origin }: { challenge: string; passkey: PasskeyRow; origin?: SessionOrigin | undefined },
  ) {
    try {
      return await this.#is.site.checkUsed(credential, { challenge, passkey: { ...passkey, counter: 0 } })
    } catch (error) {
      await this.#is.audit.addFailure(passkey.userId, origin)
      throw error
    }
  }

  async #enter(em: EntityManager, use: Pick<PasskeyRow, 'id' | 'userId' | 'counter' | 'isSynced'>) {
    const account = await lockAccount(em, use.userId)
    if (!account) throw new ServiceError('passkey_invalid')
    refuseBanned(account)
    const openedAt = this.#now()
    // A counter that stands still or goes back: the passkey was copied, or removed meanwhile.
    if (!(await rows.noteUse(em, { ...use, at: openedAt }))) throw new ServiceError('passkey_invalid')
    return {
      userId: use.userId,
      sessionId: randomUUID() as string,
      openedAtMs: openedAt.getTime(),
      credentialsVersion: account.credentialsVersion,
    }
  }

  #newRow(userId: number, name: string, made: MadePasskey): PasskeyRow {
    const id = this.#is.database.newId()
    return { id, userId, name, ...made, createdAt: this.#now(), lastUsedAt: null }
  }
}

const makingOf = (userId: number) => `make a passkey for user ${userId}`

const subjectOf = ({ id }: { id: number }) => ({ kind: 'passkey', id })

function requireRoom(present: unknown[]): void {
  if (present.length >= MAX_PASSKEYS) throw new ServiceError('too_many_passkeys')
}

const toPasskey = ({ id, name, isSynced, createdAt, lastUsedAt }: PasskeyRow): Passkey => ({
  id,
  name,
  isSynced,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
})
