import { z } from 'zod'
import { Empty, Id, Instant } from './common.ts'
import { fromWhere, SignedIn } from './credentials.ts'
import { operation } from './operation.ts'
import { AccountProof } from './phone.ts'
import { line } from './text.ts'

const bytes = (maxLength: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
    .max(maxLength)

/** An authenticator may choose up to 1,023 bytes. */
const CredentialId = bytes(1_364)
const ClientData = bytes(4_000)
const credential = { id: CredentialId, rawId: CredentialId, type: z.literal('public-key') }

/** What a browser answers to `navigator.credentials.create()`, as `toJSON()` writes it. */
export const NewPasskeyCredential = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: ClientData,
      attestationObject: bytes(16_000),
      transports: z.array(z.string().max(32)).max(8).optional(),
    }),
  })
  .meta({ id: 'NewPasskeyCredential', description: 'RegistrationResponseJSON of WebAuthn Level 3' })
export type NewPasskeyCredential = z.infer<typeof NewPasskeyCredential>

/** What a browser answers to `navigator.credentials.get()`, as `toJSON()` writes it. */
export const PasskeyCredential = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: ClientData,
      authenticatorData: bytes(4_000),
      signature: bytes(8_000),
    }),
  })
  .meta({ id: 'PasskeyCredential', description: 'AuthenticationResponseJSON of WebAuthn Level 3' })
export type PasskeyCredential = z.infer<typeof PasskeyCredential>

/** What a browser is asked with. */
export const PasskeyOptions = z
  .object({
    publicKey: z.record(z.string(), z.unknown()).meta({
      description:
        'For PublicKeyCredential.parseCreationOptionsFromJSON() or parseRequestOptionsFromJSON(); good for 5 minutes, once',
    }),
  })
  .meta({ id: 'PasskeyOptions' })

/** What an authenticator offers in the place of a password. */
export const Passkey = z
  .object({
    id: Id,
    name: z.string(),
    isSynced: z.boolean().meta({ description: 'Whether its owner has it on several devices' }),
    createdAt: Instant,
    lastUsedAt: Instant.nullable(),
  })
  .meta({ id: 'Passkey' })
export type Passkey = z.infer<typeof Passkey>

export const PasskeyName = line({ min: 1, max: 64 })

/** Passkeys (WebAuthn). Those for logging in need no identity. */
export const passkeys = {
  /**
   * What a browser needs to make a passkey for the caller. Errors: `wrong_password`,
   * `phone_code_invalid`, `mfa_code_missing`, `mfa_code_invalid`, `too_many_passkeys`.
   */
  begin: operation('passkeys.begin', {
    idempotency: 'keyed',
    isAlone: true,
    input: AccountProof,
    output: PasskeyOptions,
  }),
  /** Errors: `passkey_invalid`, `too_many_passkeys`. */
  add: operation('passkeys.add', {
    idempotency: 'natural',
    input: z.object({ name: PasskeyName, credential: NewPasskeyCredential, ...fromWhere }),
    output: Passkey,
  }),
  /** The caller's, the oldest first. */
  list: operation('passkeys.list', {
    idempotency: 'safe',
    input: Empty,
    output: z.object({ items: z.array(Passkey) }),
  }),
  /** Errors: `passkey_not_found`. */
  rename: operation('passkeys.rename', {
    idempotency: 'natural',
    input: z.object({ id: Id, name: PasskeyName }),
    output: Passkey,
  }),
  /** Errors: `passkey_not_found`, `idempotency_key_reused`. */
  remove: operation('passkeys.remove', {
    idempotency: 'keyed',
    input: z.object({ id: Id, ...fromWhere }),
    output: Empty,
  }),
  /** What a browser needs to let somebody choose a passkey of theirs. */
  beginLogIn: operation('passkeys.beginLogIn', { idempotency: 'safe', input: Empty, output: PasskeyOptions }),
  /** Errors: `passkey_invalid`, whatever is wrong with it; `account_banned`. */
  logIn: operation('passkeys.logIn', {
    idempotency: 'keyed',
    input: z.object({ credential: PasskeyCredential, ...fromWhere }),
    output: SignedIn,
  }),
}
