import { z } from 'zod'
import {
  AccountProof,
  PhoneCodePurpose,
  PhoneJoining,
  PhoneNumber,
  PhoneRecovery,
  PhoneSignIn,
  PhoneStatus,
} from '../../phone.ts'
import { rateLimits, route } from '../route.ts'
import { V1Session } from '../surfaces/v1.ts'

const proofErrors = ['wrong_password', 'phone_code_invalid', 'mfa_code_missing', 'mfa_code_invalid'] as const
const own = { tag: 'phones', access: 'user', rateLimit: rateLimits.credentials } as const
const anybody = { tag: 'phones', access: 'public', rateLimit: rateLimits.credentials } as const

/** Logging in by a code that is sent to a phone, and the phone of an account. */
export const phones = {
  sendCode: route({
    ...anybody,
    method: 'POST',
    path: '/v1/phone-codes',
    summary: 'Send a code of 6 digits, good for 5 minutes, to log in or register, or to set a new password',
    rateLimit: rateLimits.codes,
    successStatus: 204,
  })
    .input(z.object({ phone: PhoneNumber, purpose: PhoneCodePurpose.extract(['sign_in', 'new_password']) }))
    .output(z.void()),
  signIn: route({
    ...anybody,
    method: 'POST',
    path: '/v1/sessions/phone',
    summary: 'Log in by phone and code; makes an account where the number has none',
    inCookie: true,
    errors: [
      'phone_code_invalid',
      'account_banned',
      'forbidden',
      'mfa_code_missing',
      'mfa_code_invalid',
      'username_taken',
      'sensitive_words',
      'idempotency_key_reused',
    ],
    successStatus: 201,
  })
    .input(PhoneSignIn)
    .output(V1Session.extend({ isNew: z.boolean().meta({ description: 'Whether the account was made just now' }) })),
  recover: route({
    ...anybody,
    method: 'PUT',
    path: '/v1/passwords/phone',
    summary: 'Set the password of the account of a phone; all its sessions end',
    errors: [
      'phone_code_invalid',
      'mfa_code_missing',
      'mfa_code_invalid',
      'password_too_common',
      'idempotency_key_reused',
    ],
    successStatus: 204,
  })
    .input(PhoneRecovery)
    .output(z.void()),
  status: route({
    ...own,
    method: 'GET',
    path: '/v1/users/me/phone',
    summary: "The caller's phone, mostly hidden, and whether a password opens the account",
    rateLimit: rateLimits.read,
  }).output(PhoneStatus),
  sendOwnCode: route({
    ...own,
    method: 'POST',
    path: '/v1/users/me/phone/codes',
    summary: 'Send a code: to a phone that is to be joined, or to the own one, to show that one owns the account',
    rateLimit: rateLimits.codes,
    errors: ['phone_not_joined'],
    successStatus: 204,
  })
    .input(z.object({ phone: PhoneNumber.optional() }))
    .output(z.void()),
  join: route({
    ...own,
    method: 'PUT',
    path: '/v1/users/me/phone',
    summary: 'Join a phone to the account, in the place of an earlier one; takes the password or a code',
    errors: [...proofErrors, 'phone_taken'],
    successStatus: 204,
  })
    .input(PhoneJoining)
    .output(z.void()),
  remove: route({
    ...own,
    method: 'POST',
    path: '/v1/users/me/phone/remove',
    summary: 'Remove the phone from the account; takes the password or a code',
    errors: [...proofErrors, 'last_way_in'],
    successStatus: 204,
  })
    .input(AccountProof)
    .output(z.void()),
}
