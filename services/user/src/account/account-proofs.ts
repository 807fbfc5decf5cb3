import type { AccountProof } from '@fanone/contracts'
import { type Database, type Identity, ServiceError } from '@fanone/service-kit'
import type { PasswordHasher } from '../password/password-hasher.ts'
import { findPhone } from '../phone/phone.repository.ts'
import type { PhoneCodes } from '../phone/phone-codes.ts'
import type { Within } from '../session/session-list.ts'
import type { TotpService } from '../totp/totp.service.ts'
import { findAccountById } from './account.repository.ts'

/** Checks, before a change that a stolen token must not make, that the caller owns the account. */
export class AccountProofs {
  readonly #database: Database
  readonly #codes: Pick<PhoneCodes, 'admit' | 'spend'>
  readonly #hasher: Pick<PasswordHasher, 'verify' | 'requireRoom'>
  readonly #totp: Pick<TotpService, 'requireCode'>

  constructor(options: {
    database: Database
    codes: Pick<PhoneCodes, 'admit' | 'spend'>
    hasher: Pick<PasswordHasher, 'verify' | 'requireRoom'>
    totp: Pick<TotpService, 'requireCode'>
  }) {
    this.#database = options.database
    this.#codes = options.codes
    this.#hasher = options.hasher
    this.#totp = options.totp
  }

  /**
   * Checks the account's password or a code sent to its phone, and the second factor where one is
   * bound.
   *
   * @returns what uses up the codes, in the transaction of the change
   * @throws ServiceError `wrong_password`, `phone_code_invalid`, `mfa_code_missing`,
   *   `mfa_code_invalid`, `too_many_requests`
   */
  async check(
    { userId }: Identity,
    { password, phoneCode, mfaCode }: AccountProof,
    signal: AbortSignal | undefined,
  ): Promise<Within> {
    const em = this.#database.em()
    if (phoneCode === undefined) {
      this.#hasher.requireRoom()
      const account = await findAccountById(em, userId)
      const fits = await this.#hasher.verify(account?.passwordHash, password ?? '', signal)
      if (!fits) throw new ServiceError('wrong_password')
      return (await this.#totp.requireCode(userId, mfaCode)) ?? (async () => {})
    }
    const numberIndex = (await findPhone(em, userId))?.numberIndex ?? ''
    const admitted = await this.#codes.admit({ numberIndex, purpose: 'confirm', userId }, phoneCode)
    const useMfa = await this.#totp.requireCode(userId, mfaCode)
    return async (within) => {
      await this.#codes.spend(within, admitted)
      await useMfa?.(within)
    }
  }
}
