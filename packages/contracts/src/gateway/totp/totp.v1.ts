import { z } from 'zod'
import { MfaCode } from '../../credentials.ts'
import { RecoveryCodes, TotpBinding, TotpSecret, TotpStatus } from '../../user.ts'
import { rateLimits, route } from '../route.ts'

const declared = { tag: 'second factor', access: 'user', rateLimit: rateLimits.credentials } as const

/** The second factor of an account: one-time passwords (RFC 6238) and recovery codes. */
export const totp = {
  status: route({
    ...declared,
    method: 'GET',
    path: '/v1/users/me/totp',
    summary: 'Whether the caller has a second factor, and how many recovery codes are left',
    rateLimit: rateLimits.read,
  }).output(TotpStatus),
  issue: route({
    ...declared,
    method: 'POST',
    path: '/v1/users/me/totp',
    summary: 'A new secret, which can be bound for 15 minutes',
    errors: ['mfa_already_bound'],
    successStatus: 201,
  }).output(TotpSecret),
  confirm: route({
    ...declared,
    method: 'PUT',
    path: '/v1/users/me/totp',
    summary: 'Bind the secret that was issued; from then on a log-in needs a code. Answers the recovery codes, once',
    errors: ['mfa_already_bound', 'mfa_secret_unknown', 'mfa_code_invalid', 'idempotency_key_reused'],
  })
    .input(TotpBinding)
    .output(RecoveryCodes),
  unbind: route({
    ...declared,
    method: 'POST',
    path: '/v1/users/me/totp/unbind',
    summary: 'Remove the second factor; takes the password and a code or a recovery code',
    errors: ['wrong_password', 'mfa_code_invalid'],
    successStatus: 204,
  })
    .input(z.object({ password: z.string().max(400), code: MfaCode }))
    .output(z.void()),
  renewRecoveryCodes: route({
    ...declared,
    method: 'POST',
    path: '/v1/users/me/totp/recovery-codes',
    summary: 'Ten new recovery codes; earlier ones are void',
    errors: ['mfa_not_bound', 'mfa_code_invalid', 'idempotency_key_reused'],
    successStatus: 201,
  })
    .input(z.object({ code: MfaCode }))
    .output(RecoveryCodes),
}
