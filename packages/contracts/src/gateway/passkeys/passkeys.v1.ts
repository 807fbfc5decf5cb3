import { z } from 'zod'
import { NewPasskeyCredential, Passkey, PasskeyCredential, PasskeyName, PasskeyOptions } from '../../passkey.ts'
import { AccountProof } from '../../phone.ts'
import { rateLimits, route } from '../route.ts'
import { ById, V1Session } from '../surfaces/v1.ts'

const own = { tag: 'passkeys', access: 'user', rateLimit: rateLimits.credentials } as const
const anybody = { tag: 'passkeys', access: 'public', rateLimit: rateLimits.credentials } as const

/** Logging in with a passkey (WebAuthn), and the passkeys of an account. */
export const passkeys = {
  begin: route({
    ...own,
    method: 'POST',
    path: '/v1/users/me/passkeys/options',
    summary: 'What a browser needs to make a passkey; takes the password, or a code sent to the phone',
    errors: [
      'wrong_password',
      'phone_code_invalid',
      'mfa_code_missing',
      'mfa_code_invalid',
      'too_many_passkeys',
      'idempotency_key_reused',
    ],
  })
    .input(AccountProof)
    .output(PasskeyOptions),
  add: route({
    ...own,
    method: 'POST',
    path: '/v1/users/me/passkeys',
    summary: 'Add the passkey that a browser has made',
    errors: ['passkey_invalid', 'too_many_passkeys'],
    successStatus: 201,
  })
    .input(z.object({ name: PasskeyName, credential: NewPasskeyCredential }))
    .output(Passkey),
  list: route({
    ...own,
    method: 'GET',
    path: '/v1/users/me/passkeys',
    summary: "The caller's passkeys, the oldest first",
    rateLimit: rateLimits.read,
  }).output(z.object({ items: z.array(Passkey) })),
  rename: route({
    ...own,
    method: 'PATCH',
    path: '/v1/users/me/passkeys/{id}',
    summary: 'Give a passkey another name',
    rateLimit: rateLimits.write,
    errors: ['passkey_not_found'],
  })
    .input(ById.extend({ name: PasskeyName }))
    .output(Passkey),
  remove: route({
    ...own,
    method: 'DELETE',
    path: '/v1/users/me/passkeys/{id}',
    summary: 'Remove a passkey; sessions that it has opened go on',
    rateLimit: rateLimits.write,
    errors: ['passkey_not_found', 'idempotency_key_reused'],
    successStatus: 204,
  })
    .input(ById)
    .output(z.void()),
  beginLogIn: route({
    ...anybody,
    method: 'POST',
    path: '/v1/sessions/passkey/options',
    summary: 'What a browser needs to let somebody choose a passkey',
  }).output(PasskeyOptions),
  logIn: route({
    ...anybody,
    method: 'POST',
    path: '/v1/sessions/passkey',
    summary: 'Log in with a passkey, which stands for password and second factor',
    inCookie: true,
    errors: ['passkey_invalid', 'account_banned', 'forbidden', 'idempotency_key_reused'],
    successStatus: 201,
  })
    .input(z.object({ credential: PasskeyCredential }))
    .output(V1Session),
}
