import { randomUUID } from 'node:crypto'
import type { AccountProof, PhoneCodePurpose, SessionOrigin, SignedIn } from '@fanone/contracts'
import {
  type Database,
  type EntityManager,
  type Identity,
  requireIdentity,
  runOnce,
  ServiceError,
} from '@fanone/service-kit'
import { findAccountById, lockAccount } from '../account/account.repository.ts'
import type { AccountProofs } from '../account/account-proofs.ts'
import type { NewAccounts } from '../account/new-accounts.ts'
import { requireSamePassword } from '../account/same-password.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { refuseBanned } from '../ban/ban.ts'
import type { SigningKeys } from '../key/signing-key.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { PasswordRule } from '../password/password-rule.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import { resealAll } from '../secret/reseal-all.ts'
import type { Sealer } from '../secret/sealer.ts'
import { firstSecret } from '../session/refresh-token.ts'
import type { SessionList, Within } from '../session/session-list.ts'
import type { Sessions } from '../session/sessions.ts'
import type { TotpService } from '../totp/totp.service.ts'
import type { PhoneRow } from './phone.entity.ts'
import * as rows from './phone.repository.ts'
import type { AdmittedCode, PhoneCodes } from './phone-codes.ts'
import type { PhoneKeys } from './phone-keys.ts'

/** What every call may bring along. */
interface From {
  origin?: SessionOrigin | undefined
}

/** A number and the code that was sent to it. */
interface ShownCode extends From {
  phone: string
  code: string
  mfaCode?: string | undefined
}

/** The stored result of a log-in: enough to give the same answer again, and no tokens. */
interface Entrance {
  userId: number
  sessionId: string
  openedAtMs: number
  credentialsVersion: number
  isNew: boolean
}

export interface PhoneServiceOptions {
  database: Database
  keys: PhoneKeys
  codes: PhoneCodes
  sealer: Sealer
  hasher: Pick<PasswordHasher, 'hash' | 'verify' | 'requireRoom'>
  rule: PasswordRule
  proofs: AccountProofs
  accounts: NewAccounts
  profiles: Pick<ProfileService, 'getCreated'>
  totp: Pick<TotpService, 'requireCode'>
  list: Pick<SessionList, 'endOthers'>
  sessions: Pick<Sessions, 'open' | 'markEnded'>
  signingKeys: Pick<SigningKeys, 'derive'>
  audit: Pick<AuditLog, 'add'>
  now?: () => Date
}

/**
 * Accounts and their phones: logging in with a code, and joining, changing and removing the number.
 * A number belongs to one account, and whoever shows a code for it has the phone.
 */
export class PhoneService {
  readonly #is: PhoneServiceOptions
  readonly #now: () => Date

  constructor(options: PhoneServiceOptions) {
    this.#is = options
    this.#now = options.now ?? (() => new Date())
  }

  /**
   * Sends a code. Does the same whether the number is known or not.
   *
   * @throws ServiceError `too_many_requests`
   */
  async sendCode(
    identity: Identity | undefined,
    { phone, purpose }: { phone: string; purpose: PhoneCodePurpose },
    key: string | undefined,
  ): Promise<void> {
    const { database, keys, codes } = this.#is
    // What was asked for by nobody in particular is also taken from nobody in particular.
    const userId = purpose === 'join' || purpose === 'confirm' ? requireIdentity({ identity }).userId : 0
    const use = { numberIndex: keys.indexOf(phone), purpose, userId }
    await runOnce(database, { operation: 'phones.sendCode', identity, key, input: use }, async (em) => {
      await codes.issue(em, { ...use, number: phone })
      return {}
    })
    codes.announce()
  }

  /** @throws ServiceError `phone_not_joined`, `too_many_requests` */
  async sendOwnCode(identity: Identity, key: string | undefined): Promise<void> {
    const { userId } = identity
    const phone = await rows.findPhone(this.#is.database.em(), userId)
    if (!phone) throw new ServiceError('phone_not_joined')
    await this.sendCode(identity, { phone: this.#numberOf(phone), purpose: 'confirm' }, key)
  }

  /**
   * Opens a session for a right code: of the account with this number, or of a new one. A repeat
   * with its key gets the same tokens.
   *
   * @throws ServiceError `phone_code_invalid`; behind a right code `mfa_code_missing`,
   *   `mfa_code_invalid`, `username_taken`, `sensitive_words`, `idempotency_key_reused`
   */
  async signIn(
    input: ShownCode & { username?: string | undefined; wantsLastingToken?: boolean | undefined },
    key: string | undefined,
  ): Promise<SignedIn & { isNew: boolean }> {
    const { database, keys, codes, audit, profiles, sessions, signingKeys, totp } = this.#is
    const { phone, code, origin, wantsLastingToken } = input
    const numberIndex = keys.indexOf(phone)
    const admitted = await codes.admit({ numberIndex, purpose: 'sign_in', userId: 0 }, code)
    const ownerId = await rows.findOwner(database.em(), numberIndex)
    const useMfa = ownerId === undefined ? undefined : await totp.requireCode(ownerId, input.mfaCode)
    const call = { operation: 'phones.signIn', identity: undefined, key, input: { mark: admitted.codeMark } }
    const entrance = await runOnce(database, call, async (em) => {
      await codes.spend(em, admitted)
      if (ownerId === undefined) return this.#register(em, input, numberIndex)
      const entered = await this.#enter(em, ownerId, numberIndex)
      await useMfa?.(em)
      return entered
    })
    const { userId, sessionId, isNew } = entrance
    const noteSignIn: Within = (em) => audit.add(em, { userId, action: 'signed_in', origin })
    const opening = { ...entrance, origin, wantsLastingToken, secret: firstSecret(signingKeys, sessionId) }
    const user = await profiles.getCreated(userId)
    return { user, ...(await sessions.open({ ...opening, within: isNew ? undefined : noteSignIn })), isNew }
  }

  async status({ userId }: Identity): Promise<{ phone: string | null; hasPassword: boolean }> {
    const em = this.#is.database.em()
    const account = await findAccountById(em, userId)
    const phone = await rows.findPhone(em, userId)
    return { phone: phone ? masked(this.#numberOf(phone)) : null, hasPassword: Boolean(account?.passwordHash) }
  }

  /**
   * Joins a number to the caller's account, in the place of an earlier one. One that is joined
   * already stays.
   *
   * @throws ServiceError `phone_taken`, `phone_code_invalid`, and what `AccountProofs.check` throws
   */
  async join(identity: Identity, input: ShownCode & AccountProof, signal: AbortSignal | undefined): Promise<void> {
    const { database, keys, codes, sealer, audit } = this.#is
    const { userId } = identity
    const { phone, code, origin } = input
    const numberIndex = keys.indexOf(phone)
    if (await this.#hasNumber(database.em(), userId, numberIndex)) return
    const admitted = await codes.admit({ numberIndex, purpose: 'join', userId }, code)
    const prove = await this.#is.proofs.check(identity, input, signal)
    await database.transaction(async (em) => {
      const account = await this.#lock(em, userId)
      if (await this.#hasNumber(em, userId, numberIndex)) return
      await codes.spend(em, admitted)
      await prove(em)
      const { sealed: sealedNumber, keyVersion } = sealer.seal(phone, ownerOf(userId))
      await rows.putPhone(em, { userId, numberIndex, sealedNumber, keyVersion, joinedAt: this.#now() })
      await audit.add(em, { userId, action: 'phone_joined', origin })
      account.credentialsVersion++
    })
  }

  /**
   * Removes the caller's number, if there is one.
   *
   * @throws ServiceError `last_way_in` for an account without a password, and what
   *   `AccountProofs.check` throws
   */
  async remove(identity: Identity, input: AccountProof & From, signal: AbortSignal | undefined): Promise<void> {
    const { database, audit } = this.#is
    const { userId } = identity
    if (!(await rows.findPhone(database.em(), userId))) return
    const prove = await this.#is.proofs.check(identity, input, signal)
    await database.transaction(async (em) => {
      const account = await this.#lock(em, userId)
      if (!(await rows.findPhone(em, userId))) return
      if (!account.passwordHash) throw new ServiceError('last_way_in')
      await prove(em)
      await rows.deletePhone(em, userId)
      await audit.add(em, { userId, action: 'phone_removed', origin: input.origin })
      account.credentialsVersion++
    })
  }

  /**
   * Sets the password of the account of a number and ends all its sessions. For a number of nobody
   * a right code is refused like a wrong one.
   *
   * @throws ServiceError `phone_code_invalid`, `mfa_code_missing`, `mfa_code_invalid`,
   *   `password_too_common`, `idempotency_key_reused`
   */
  async recover(
    input: ShownCode & { newPassword: string },
    { idempotencyKey: key, signal }: { idempotencyKey: string | undefined; signal: AbortSignal | undefined },
  ): Promise<void> {
    const { database, keys, codes, hasher, rule, profiles, sessions } = this.#is
    hasher.requireRoom()
    const { phone, code, newPassword } = input
    const numberIndex = keys.indexOf(phone)
    const admitted = await codes.admit({ numberIndex, purpose: 'new_password', userId: 0 }, code)
    const userId = await rows.findOwner(database.em(), numberIndex)
    if (userId === undefined) throw new ServiceError('phone_code_invalid')
    const useMfa = await this.#is.totp.requireCode(userId, input.mfaCode)
    const { username } = await profiles.getCreated(userId)
    rule.refuseCommon(newPassword, [username])
    const passwordHash = await hasher.hash(newPassword, signal)
    const call = { operation: 'phones.recover', identity: undefined, key, input: { mark: admitted.codeMark } }
    const change = { userId, passwordHash, admitted, useMfa, origin: input.origin }
    let isRepeat = true
    const ended = await runOnce(database, call, (em) => {
      isRepeat = false
      return this.#replacePassword(em, change)
    })
    if (isRepeat) await requireSamePassword({ em: database.em(), hasher }, { userId, password: newPassword, signal })
    await sessions.markEnded(ended)
  }

  /** Seals with the newest key what an older one has sealed. */
  async resealOld(signal: AbortSignal): Promise<void> {
    const { database, sealer } = this.#is
    const em = database.em()
    await resealAll(signal, {
      find: (limit) => rows.findSealedBefore(em, sealer.currentVersion, limit),
      reseal: (row) => rows.reseal(em, row, sealer.seal(this.#numberOf(row), ownerOf(row.userId))),
    })
  }

  async #register(em: EntityManager, input: ShownCode & { username?: string | undefined }, numberIndex: string) {
    const { accounts, sealer } = this.#is
    const { userId, openedAtMs } = await accounts.add(em, {
      username: input.username,
      passwordHash: '',
      origin: input.origin,
    })
    const { sealed: sealedNumber, keyVersion } = sealer.seal(input.phone, ownerOf(userId))
    await rows.putPhone(em, { userId, numberIndex, sealedNumber, keyVersion, joinedAt: this.#now() })
    return { userId, sessionId: randomUUID() as string, openedAtMs, credentialsVersion: 1, isNew: true }
  }

  async #enter(em: EntityManager, ownerId: number, numberIndex: string): Promise<Entrance> {
    const account = await this.#lock(em, ownerId)
    refuseBanned(account)
    // Removed, or joined to another account, while the code was looked at.
    if ((await rows.findOwner(em, numberIndex)) !== ownerId) throw new ServiceError('phone_code_invalid')
    const { credentialsVersion } = account
    const openedAtMs = this.#now().getTime()
    return { userId: ownerId, sessionId: randomUUID(), openedAtMs, credentialsVersion, isNew: false }
  }

  async #replacePassword(
    em: EntityManager,
    change: {
      userId: number
      passwordHash: string
      admitted: AdmittedCode
      useMfa: Within | undefined
      origin: SessionOrigin | undefined
    },
  ): Promise<string[]> {
    const { userId, passwordHash, admitted, useMfa, origin } = change
    const { codes, list, audit } = this.#is
    await codes.spend(em, admitted)
    const account = await this.#lock(em, userId)
    if (!(await this.#hasNumber(em, userId, admitted.numberIndex))) throw new ServiceError('phone_code_invalid')
    await useMfa?.(em)
    Object.assign(account, { passwordHash, credentialsVersion: account.credentialsVersion + 1 })
    await audit.add(em, { userId, actorId: 0, action: 'password_recovered', origin })
    return list.endOthers(em, { userId })
  }

  #numberOf(row: PhoneRow): string {
    return this.#is.sealer.open({ ...row, sealed: row.sealedNumber }, ownerOf(row.userId))
  }

  async #hasNumber(em: EntityManager, userId: number, numberIndex: string): Promise<boolean> {
    return (await rows.findOwner(em, numberIndex)) === userId
  }

  async #lock(em: EntityManager, userId: number) {
    const account = await lockAccount(em, userId)
    if (!account) throw new ServiceError('user_not_found')
    return account
  }
}

const ownerOf = (userId: number) => `phone of user ${userId}`

/** `+86*********00`: the country is not told exactly, nor how long its code is. */
const masked = (number: string) => `${number.slice(0, 3)}${'*'.repeat(number.length - 5)}${number.slice(-2)}`
