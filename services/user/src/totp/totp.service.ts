import { timingSafeEqual } from 'node:crypto'
import type { SessionOrigin } from '@fanone/contracts'
import { type Database, type EntityManager, type Identity, ServiceError } from '@fanone/service-kit'
import { generateSecret, generateURI, verifySync } from 'otplib'
import { toDataURL } from 'qrcode'
import { findAccountById, lockAccount } from '../account/account.repository.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { SigningKeys } from '../key/signing-key.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import { resealAll } from '../secret/reseal-all.ts'
import type { Sealer } from '../secret/sealer.ts'
import { hashSecret } from '../session/refresh-token.ts'
import type { Within } from '../session/session-list.ts'
import { makeRecoveryCodes, readRecoveryCode } from './recovery-codes.ts'
import type { TotpRow } from './totp.entity.ts'
import * as rows from './totp.repository.ts'

/** How long a secret waits to be bound. */
export const PENDING_MS = 15 * 60_000
/** A secret that was issued so recently is answered again: the call may be a repeat. */
const REPEATED_MS = 60_000
/** Codes of the steps before and behind the present one are taken: clocks differ. */
const TOLERANCE_SECONDS = 30

/**
 * The second factor: time-based one-time passwords (RFC 6238: SHA-1, 6 digits, 30 s), and recovery
 * codes for who lost the device. A code or a time step is used up by one conditional statement, so
 * of many uses at the same time, also by several instances, one succeeds.
 */
export class TotpService {
  readonly #database: Database
  readonly #hasher: Pick<PasswordHasher, 'verify' | 'requireRoom'>
  readonly #profiles: Pick<ProfileService, 'get'>
  readonly #sealer: Sealer
  readonly #signingKeys: Pick<SigningKeys, 'derive'>
  readonly #audit: Pick<AuditLog, 'add'>
  readonly #now: () => Date

  constructor(options: {
    database: Database
    hasher: Pick<PasswordHasher, 'verify' | 'requireRoom'>
    profiles: Pick<ProfileService, 'get'>
    sealer: Sealer
    signingKeys: Pick<SigningKeys, 'derive'>
    audit: Pick<AuditLog, 'add'>
    now?: () => Date
  }) {
    this.#database = options.database
    this.#hasher = options.hasher
    this.#profiles = options.profiles
    this.#sealer = options.sealer
    this.#signingKeys = options.signingKeys
    this.#audit = options.audit
    this.#now = options.now ?? (() => new Date())
  }

  async status({ userId }: Identity): Promise<{ isBound: boolean; recoveryCodesLeft: number }> {
    const em = this.#database.em()
    const isBound = await this.isBound(userId)
    return { isBound, recoveryCodesLeft: isBound ? await rows.countRecoveryCodes(em, userId) : 0 }
  }

  async isBound(userId: number): Promise<boolean> {
    return isBound(await rows.findTotp(this.#database.em(), userId))
  }

  /**
   * Issues a secret that waits to be bound, in the place of an earlier one.
   *
   * @throws ServiceError `mfa_already_bound`
   */
  async issue({ userId }: Identity): Promise<{ secret: string; uri: string; qrCode: string }> {
    const { username } = await this.#profiles.get(userId)
    const secret = await this.#database.transaction((em) => this.#issue(em, userId))
    const uri = generateURI({ issuer: 'FanOne', label: username, secret })
    return { secret, uri, qrCode: await toDataURL(uri) }
  }

  /**
   * Binds the secret that was issued to the caller. A repeat with its key gets the same recovery
   * codes.
   *
   * @throws ServiceError `mfa_already_bound`, `mfa_secret_unknown`, `mfa_code_invalid`
   */
  async confirm(
    { userId }: Identity,
    { secret, code, origin }: { secret: string; code: string; origin?: SessionOrigin | undefined },
    key: string,
  ): Promise<{ recoveryCodes: string[] }> {
    const recoveryCodes = makeRecoveryCodes(this.#signingKeys, { userId, key })
    await this.#database.transaction(async (em) => {
      const account = await lockAccount(em, userId)
      const row = await rows.findTotp(em, userId)
      if (isBound(row)) {
        if (await rows.hasRecoveryCodes(em, userId, recoveryCodes)) return
        throw new ServiceError('mfa_already_bound')
      }
      if (!account || !row || !this.#isPending(row) || !isSame(this.#secretOf(row), secret))
        throw new ServiceError('mfa_secret_unknown')
      const step = this.#stepOf(code, secret)
      if (step === undefined) throw new ServiceError('mfa_code_invalid')
      await rows.markBound(em, userId, { at: this.#now(), step })
      await rows.replaceRecoveryCodes(em, userId, recoveryCodes)
      await this.#audit.add(em, { userId, action: 'second_factor_bound', origin })
      account.credentialsVersion++
    })
    return { recoveryCodes }
  }

  /**
   * Removes the second factor. Where there is none, nothing happens.
   *
   * @throws ServiceError `wrong_password`, `mfa_code_invalid`, `too_many_requests`
   */
  async unbind(
    { userId }: Identity,
    { password, code, origin }: { password: string; code: string; origin?: SessionOrigin | undefined },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#hasher.requireRoom()
    const account = await findAccountById(this.#database.em(), userId)
    if (!(await this.#hasher.verify(account?.passwordHash, password, signal))) throw new ServiceError('wrong_password')
    if (!(await this.isBound(userId))) return
    await this.admit(userId, code)
    await this.#database.transaction(async (em) => {
      const locked = await lockAccount(em, userId)
      if (!locked || !isBound(await rows.findTotp(em, userId))) return
      await this.spend(em, userId, code)
      await rows.deleteTotp(em, userId)
      await this.#audit.add(em, { userId, action: 'second_factor_removed', origin })
      locked.credentialsVersion++
    })
  }

  /**
   * Makes ten new recovery codes, for a code; earlier ones are void. A repeat with its key gets the
   * same ones.
   *
   * @throws ServiceError `mfa_not_bound`, `mfa_code_invalid`, `too_many_requests`
   */
  async renewRecoveryCodes(
    { userId }: Identity,
    { code, origin }: { code: string; origin?: SessionOrigin | undefined },
    key: string,
  ): Promise<{ recoveryCodes: string[] }> {
    const recoveryCodes = makeRecoveryCodes(this.#signingKeys, { userId, key })
    const isDone = (em: EntityManager) => rows.hasRecoveryCodes(em, userId, recoveryCodes)
    if (await isDone(this.#database.em())) return { recoveryCodes }
    if (!(await this.isBound(userId))) throw new ServiceError('mfa_not_bound')
    await this.admit(userId, code)
    await this.#database.transaction(async (em) => {
      await lockAccount(em, userId)
      if (await isDone(em)) return
      await this.spend(em, userId, code)
      await rows.replaceRecoveryCodes(em, userId, recoveryCodes)
      await this.#audit.add(em, { userId, action: 'recovery_codes_renewed', origin })
    })
    return { recoveryCodes }
  }

  /**
   * Lets a code be tried. Recovery codes always may be, because nobody guesses one: whoever tries
   * codes all the time does not keep the owner out.
   *
   * @throws ServiceError `too_many_requests`
   */
  async admit(userId: number, code: string): Promise<void> {
    if (readRecoveryCode(code) !== undefined) return
    if (await rows.countAttempt(this.#database.em(), userId, this.#now())) return
    const detail = 'Too many codes were tried; a recovery code is taken nevertheless'
    throw new ServiceError('too_many_requests', { detail, retryAfterSeconds: rows.ATTEMPTS_MS / 1_000 })
  }

  /**
   * What uses up the code of the second factor, in the transaction of what it is for; undefined
   * where none is bound.
   *
   * @throws ServiceError `mfa_code_missing`, `too_many_requests`
   */
  async requireCode(userId: number, code = ''): Promise<Within | undefined> {
    if (!(await this.isBound(userId))) return undefined
    if (code === '') throw new ServiceError('mfa_code_missing')
    await this.admit(userId, code)
    return (em) => this.spend(em, userId, code)
  }

  /**
   * Uses up a code, in the transaction of what it is for.
   *
   * @throws ServiceError `mfa_code_invalid` for a wrong one, or one that was used before
   */
  async spend(em: EntityManager, userId: number, code: string): Promise<void> {
    if (!(await this.#isSpent(em, userId, code))) throw new ServiceError('mfa_code_invalid')
  }

  /** Seals with the newest key what an older one has sealed. */
  async resealOld(signal: AbortSignal): Promise<void> {
    const em = this.#database.em()
    await resealAll(signal, {
      find: (limit) => rows.findSealedBefore(em, this.#sealer.currentVersion, limit),
      reseal: (row) => rows.reseal(em, row, this.#sealer.seal(this.#secretOf(row), ownerOf(row.userId))),
    })
  }

  async #issue(em: EntityManager, userId: number): Promise<string> {
    if (!(await lockAccount(em, userId))) throw new ServiceError('user_not_found')
    const row = await rows.findTotp(em, userId)
    if (isBound(row)) throw new ServiceError('mfa_already_bound')
    const issuedAt = this.#now()
    if (row && issuedAt.getTime() - row.issuedAt.getTime() < REPEATED_MS) return this.#secretOf(row)
    const secret = generateSecret()
    const { sealed: sealedSecret, keyVersion } = this.#sealer.seal(secret, ownerOf(userId))
    await rows.putPending(em, { userId, sealedSecret, keyVersion, issuedAt })
    return secret
  }

  async #isSpent(em: EntityManager, userId: number, code: string): Promise<boolean> {
    const recoveryCode = readRecoveryCode(code)
    if (recoveryCode !== undefined) return rows.spendRecoveryCode(em, userId, recoveryCode, this.#now())
    const row = await rows.findTotp(em, userId)
    const step = row && this.#stepOf(code, this.#secretOf(row))
    return step !== undefined && (await rows.spendStep(em, userId, step))
  }

  /** The time step whose code this is; undefined for a wrong one. */
  #stepOf(code: string, secret: string): number | undefined {
    const token = code.replace(/\s/g, '')
    if (!/^\d{6}$/.test(token)) return undefined
    const epoch = Math.floor(this.#now().getTime() / 1_000)
    const result = verifySync({ strategy: 'totp', secret, token, epoch, epochTolerance: TOLERANCE_SECONDS })
    return result.valid && 'timeStep' in result ? result.timeStep : undefined
  }

  #isPending(row: TotpRow): boolean {
    return this.#now().getTime() - row.issuedAt.getTime() < PENDING_MS
  }

  #secretOf(row: TotpRow): string {
    return this.#sealer.open({ sealed: row.sealedSecret, keyVersion: row.keyVersion }, ownerOf(row.userId))
  }
}

const ownerOf = (userId: number) => `totp of user ${userId}`

const isBound = (row: TotpRow | undefined) => row !== undefined && row.boundAt !== null

const isSame = (one: string, other: string) =>
  timingSafeEqual(Buffer.from(hashSecret(one)), Buffer.from(hashSecret(other)))
