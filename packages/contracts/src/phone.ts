import { isValidPhoneNumber } from 'libphonenumber-js/min'
import { z } from 'zod'
import { Empty } from './common.ts'
import { fromWhere, MfaCode, Password, SignedIn, Username, wantsLastingToken } from './credentials.ts'
import { operation } from './operation.ts'

/** A telephone number as everybody in the world would dial it (E.164). */
export const PhoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must begin with + and the country code, and hold nothing but digits')
  .refine((number) => isValidPhoneNumber(number), 'is not a telephone number that exists')
  .meta({ id: 'PhoneNumber', description: 'E.164', examples: ['+8613800138000'] })

/** A code that was sent to a phone. */
export const PhoneCode = z.string().regex(/^\d{6}$/, 'must be 6 digits')

/**
 * What a code is for, which its message says and nothing else takes it for: logging in or
 * registering, a new password, joining a number to an account, a change of one's own account.
 */
export const PhoneCodePurpose = z.enum(['sign_in', 'new_password', 'join', 'confirm'])
export type PhoneCodePurpose = z.infer<typeof PhoneCodePurpose>

/** Shows that who asks owns the account: its password, or a code that was sent to its phone. */
export const AccountProof = z
  .object({
    password: z.string().max(400).optional(),
    phoneCode: PhoneCode.optional(),
    mfaCode: MfaCode.optional().meta({ description: 'Where a second factor is bound' }),
  })
  .meta({ id: 'AccountProof' })
export type AccountProof = z.infer<typeof AccountProof>

export const PhoneStatus = z
  .object({
    phone: z.string().nullable().meta({ description: 'With all but its ends hidden; null for none' }),
    hasPassword: z.boolean(),
  })
  .meta({ id: 'PhoneStatus' })

/** What a code that was sent to a phone is shown with. */
const shown = { phone: PhoneNumber, code: PhoneCode, mfaCode: MfaCode.optional() }

/** Logging in with a phone: with a new account where the number belongs to none. */
export const PhoneSignIn = z.object({ ...shown, username: Username.optional() })

/** A new password for whoever has the phone. */
export const PhoneRecovery = z.object({ ...shown, newPassword: Password })

export const PhoneJoining = AccountProof.extend({ phone: PhoneNumber, code: PhoneCode })

/** Phones of accounts. Only `signIn` and `recover` need no identity. */
export const phones = {
  /**
   * Sends a code, whether the number is known or not. Errors: `too_many_requests` for more than one
   * a minute or ten a day to one number.
   */
  sendCode: operation('phones.sendCode', {
    idempotency: 'keyed',
    input: z.object({ phone: PhoneNumber, purpose: PhoneCodePurpose.exclude(['confirm']), ...fromWhere }),
    output: Empty,
  }),
  /** Sends a code to the caller's own phone. Errors: `phone_not_joined`, `too_many_requests`. */
  sendOwnCode: operation('phones.sendOwnCode', { idempotency: 'keyed', input: z.object(fromWhere), output: Empty }),
  /**
   * Errors: `phone_code_invalid`; behind a right code `mfa_code_missing`, `mfa_code_invalid`,
   * `idempotency_key_reused`; for a new account `username_taken`, `sensitive_words`.
   */
  signIn: operation('phones.signIn', {
    idempotency: 'keyed',
    input: PhoneSignIn.extend({ wantsLastingToken, ...fromWhere }),
    output: SignedIn.extend({ isNew: z.boolean() }),
  }),
  status: operation('phones.status', { idempotency: 'safe', input: Empty, output: PhoneStatus }),
  /**
   * Joins a number to the caller's account, in the place of an earlier one. Errors: `phone_taken`,
   * `phone_code_invalid`, `wrong_password`, `mfa_code_missing`, `mfa_code_invalid`.
   */
  join: operation('phones.join', {
    idempotency: 'natural',
    isAlone: true,
    input: PhoneJoining.extend(fromWhere),
    output: Empty,
  }),
  /** Errors: those of `join`; `last_way_in` where nothing else opens the account. */
  remove: operation('phones.remove', {
    idempotency: 'natural',
    isAlone: true,
    input: AccountProof.extend(fromWhere),
    output: Empty,
  }),
  /**
   * Sets the password of the account of a number and ends all its sessions. Errors:
   * `phone_code_invalid`, `mfa_code_missing`, `mfa_code_invalid`.
   */
  recover: operation('phones.recover', {
    idempotency: 'keyed',
    isAlone: true,
    input: PhoneRecovery.extend(fromWhere),
    output: Empty,
  }),
}
