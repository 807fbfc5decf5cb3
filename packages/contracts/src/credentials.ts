import { z } from 'zod'
import { Id, Instant, MediaKey, SessionOrigin } from './common.ts'
import { line, visibleLength } from './text.ts'

/**
 * The name to log in with: letters, digits, `_`, `.`, `-` of any script, compared without regard to
 * case. Invisible marks do not count as characters.
 */
export const Username = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{M}\p{N}_.-]*$/u, 'may hold letters, digits, "_", "." and "-"')
  .refine((value) => visibleLength(value) >= 3, {
    message: 'must be at least 3 characters',
    params: { rule: 'tooShort' },
  })
  .refine((value) => [...value].length <= 32, { message: 'must be at most 32 characters', params: { rule: 'tooLong' } })
  .meta({ id: 'Username', minLength: 3, maxLength: 32 })

/**
 * Whatever accounts may be called: the Douyin API takes any line, the other APIs only a `Username`
 * for new ones. All names live in one store, where no two fold to the same, and everybody logs in
 * everywhere.
 */
export const AnyUsername = line({ min: 1, max: 32, hasRules: true })

export const Password = z
  .string()
  .refine((value) => [...value].length >= 6, { message: 'must be at least 6 characters', params: { rule: 'tooShort' } })
  .refine((value) => [...value].length <= 64, { message: 'must be at most 64 characters', params: { rule: 'tooLong' } })
  .meta({ id: 'Password', minLength: 6, maxLength: 64 })

/** What anybody may see of a user. */
export const Profile = z
  .object({
    id: Id,
    username: z.string(),
    name: z.string().meta({ description: 'Display name; the user name until it is changed' }),
    avatarKey: MediaKey.nullable(),
    backgroundKey: MediaKey.nullable(),
    signature: z.string(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Profile' })
export type Profile = z.infer<typeof Profile>

export const TokenPair = z
  .object({
    accessToken: z.string().meta({ description: 'EdDSA-signed JWT, valid for 15 minutes' }),
    refreshToken: z.string().meta({ description: 'Opaque; can be used once, gives the next pair' }),
    expiresInSeconds: z.int(),
  })
  .meta({ id: 'TokenPair' })
export type TokenPair = z.infer<typeof TokenPair>

export const Credentials = z.object({ username: z.string().max(200), password: z.string().max(400) })

/** From where a call comes that opens a session, or is written down in the audit log. */
export const fromWhere = {
  /** Left out by releases before this one. */
  origin: SessionOrigin.optional(),
}

/** For clients that cannot renew a token: valid as long as the session, at most 30 days. */
export const wantsLastingToken = z.boolean().optional()

/** A code of the second factor, or a recovery code. */
export const MfaCode = z.string().max(40)

export const SignedIn = z.object({ user: Profile, tokens: TokenPair, lastingToken: z.string().optional() })
export type SignedIn = z.infer<typeof SignedIn>
