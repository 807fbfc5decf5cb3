import { z } from 'zod'
import { auditOperations, securityEvents } from './audit.ts'
import { Empty, Id, IdBatch, Instant, MediaKey, UploadId } from './common.ts'
import { ContentKind } from './content.ts'
import {
  AnyUsername,
  Credentials,
  fromWhere,
  MfaCode,
  Password,
  Profile,
  SignedIn,
  wantsLastingToken,
} from './credentials.ts'
import { defineEvent } from './event.ts'
import { moderationOperations } from './moderation.ts'
import { operation } from './operation.ts'
import { passkeys } from './passkey.ts'
import { phones } from './phone.ts'
import { PICTURE_TIMEOUT_MS, ProfilePicture } from './picture.ts'
import { removalOperations, reportOperations } from './report.ts'
import { line, text } from './text.ts'

/** With the number of its changes, by which projections know what is newer. */
export const VersionedProfile = Profile.extend({
  /** Left out by releases before this one. */
  version: z.int().positive().optional(),
})
export type VersionedProfile = z.infer<typeof VersionedProfile>

/** A secret for an app that makes codes. */
export const TotpSecret = z
  .object({
    secret: z.string().meta({ description: 'Base32' }),
    uri: z.string().meta({ description: 'otpauth:// with everything an app needs' }),
    qrCode: z.string().meta({ description: 'The same as an image: a data URL of a PNG' }),
  })
  .meta({ id: 'TotpSecret' })

/** What binds a secret: the secret that was issued, and a code that an app has made of it. */
export const TotpBinding = z.object({ secret: z.string().max(100), code: MfaCode })

export const TotpStatus = z.object({ isBound: z.boolean(), recoveryCodesLeft: z.int() }).meta({ id: 'TotpStatus' })

/** Shown once; each opens the account once, in the place of a code. */
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' })

/** The id of a session; of no version, because some follow from a log-in's key. */
export const SessionId = z.guid().meta({ id: 'SessionId' })

/** One of a user's sessions. */
export const SessionSummary = z
  .object({
    id: SessionId,
    device: z
      .string()
      .meta({ description: 'What the client called itself (User-Agent), at log-in or at its last refresh' }),
    address: z.string(),
    createdAt: Instant,
    lastSeenAt: Instant.meta({ description: 'Of the log-in or the last refresh' }),
    isCurrent: z.boolean().meta({ description: 'Whether this request was made in it' }),
  })
  .meta({ id: 'SessionSummary' })
export type SessionSummary = z.infer<typeof SessionSummary>

/** A session that has ended. */
const EndedSession = z.object({ sessionId: z.string(), endedAt: Instant })

export const ProfileEdit = z
  .object({ name: line({ min: 1, max: 32 }), signature: text({ max: 200 }) })
  .partial()
  .meta({ id: 'ProfileEdit' })

export const userContract = {
  accounts: {
    /** Errors: `username_taken`, `sensitive_words`, `password_too_common`. */
    register: operation('accounts.register', {
      idempotency: 'keyed',
      isAlone: true,
      input: z.object({ username: AnyUsername, password: Password, wantsLastingToken, ...fromWhere }),
      output: SignedIn,
    }),
    /**
     * Changes the caller's password and ends all their other sessions. Needs identity. Errors:
     * `wrong_password`, `password_too_common`, `too_many_requests`.
     */
    changePassword: operation('accounts.changePassword', {
      idempotency: 'natural',
      isAlone: true,
      input: z.object({ currentPassword: z.string().max(400), newPassword: Password, ...fromWhere }),
      output: Empty,
    }),
  },
  sessions: {
    /**
     * Errors: `wrong_credentials`, the same for an unknown user and a wrong password; behind a
     * right one `account_banned` and, where a second factor is bound, `mfa_code_missing`,
     * `mfa_code_invalid`.
     */
    logIn: operation('sessions.logIn', {
      idempotency: 'keyed',
      isAlone: true,
      input: Credentials.extend({
        code: MfaCode.optional(),
        /** Only who has been logged in from this address before may try. */
        isGuessed: z.boolean().optional(),
        wantsLastingToken,
        ...fromWhere,
      }),
      output: SignedIn,
    }),
    /**
     * Rotates the refresh token. Errors: `refresh_token_invalid`; reuse of a rotated token ends the
     * session.
     */
    refresh: operation('sessions.refresh', {
      idempotency: 'keyed',
      input: z.object({ refreshToken: z.string().max(500), ...fromWhere }),
      output: SignedIn,
    }),
    /** Ends the caller's session; ending it twice is harmless. Needs identity. */
    logOut: operation('sessions.logOut', { idempotency: 'natural', input: z.object(fromWhere), output: Empty }),
    /** The caller's sessions, the last used first. Needs identity. */
    list: operation('sessions.list', {
      idempotency: 'safe',
      input: Empty,
      output: z.object({ items: z.array(SessionSummary) }),
    }),
    /** Ends one of the caller's sessions. Needs identity. Errors: `session_not_found`. */
    end: operation('sessions.end', {
      idempotency: 'natural',
      input: z.object({ sessionId: SessionId, ...fromWhere }),
      output: Empty,
    }),
    /** Ends all of the caller's sessions but the one of the call. Needs identity. */
    endOthers: operation('sessions.endOthers', { idempotency: 'natural', input: z.object(fromWhere), output: Empty }),
    /** Whether a session is open; notes that it is in use. */
    see: operation('sessions.see', {
      idempotency: 'natural',
      input: z.object({ sessionId: SessionId }),
      output: z.object({ isOpen: z.boolean() }),
    }),
    /**
     * Sessions in the order they ended, a part at a time: from behind a position, or all whose
     * access tokens may not have expired yet.
     */
    listEnded: operation('sessions.listEnded', {
      idempotency: 'safe',
      input: z.object({ after: EndedSession.optional() }),
      output: z.object({
        items: z.array(EndedSession),
        isLast: z.boolean(),
        /** When the list was read. */
        asOf: Instant,
      }),
    }),
  },
  /** The second factor of the caller. All need identity. */
  totp: {
    status: operation('totp.status', { idempotency: 'safe', input: Empty, output: TotpStatus }),
    /** Issues a secret that can be bound for 15 minutes. Errors: `mfa_already_bound`. */
    issue: operation('totp.issue', { idempotency: 'natural', input: Empty, output: TotpSecret }),
    /**
     * Binds a secret. Not called `bind`, which a client has like every function. Errors:
     * `mfa_already_bound`, `mfa_secret_unknown`, `mfa_code_invalid`.
     */
    confirm: operation('totp.confirm', {
      idempotency: 'keyed',
      input: TotpBinding.extend(fromWhere),
      output: RecoveryCodes,
    }),
    /** Errors: `wrong_password`, `mfa_code_invalid`, `too_many_requests`. */
    unbind: operation('totp.unbind', {
      idempotency: 'natural',
      isAlone: true,
      input: z.object({ password: z.string().max(400), code: MfaCode, ...fromWhere }),
      output: Empty,
    }),
    /** Errors: `mfa_not_bound`, `mfa_code_invalid`, `too_many_requests`. */
    renewRecoveryCodes: operation('totp.renewRecoveryCodes', {
      idempotency: 'keyed',
      input: z.object({ code: MfaCode, ...fromWhere }),
      output: RecoveryCodes,
    }),
  },
  phones,
  passkeys,
  securityEvents,
  profiles: {
    /** Unknown ids are left out. */
    getMany: operation('profiles.getMany', {
      idempotency: 'safe',
      input: z.object({ ids: IdBatch }),
      output: z.object({ items: z.array(VersionedProfile) }),
    }),
    /** Changes the caller's own profile. Needs identity. Errors: `sensitive_words`. */
    edit: operation('profiles.edit', { idempotency: 'natural', input: ProfileEdit, output: Profile }),
    /**
     * Makes an upload the avatar or background of the caller; the one before is removed. Needs
     * identity. Errors: `upload_not_found`, `not_a_picture`, `storage_full`.
     */
    setPicture: operation('profiles.setPicture', {
      idempotency: 'natural',
      timeoutMs: PICTURE_TIMEOUT_MS,
      input: z.object({ kind: ProfilePicture, uploadId: UploadId }),
      output: Profile,
    }),
    /** Removes the avatar or background of the caller, if there is one. Needs identity. */
    removePicture: operation('profiles.removePicture', {
      idempotency: 'natural',
      input: z.object({ kind: ProfilePicture }),
      output: Profile,
    }),
  },
  ...moderationOperations,
  reports: reportOperations,
  removals: removalOperations,
  audit: auditOperations,
  keys: {
    /** The public keys that access tokens are verified with (RFC 7517). */
    list: operation('keys.list', {
      idempotency: 'safe',
      input: Empty,
      output: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
    }),
  },
}

/**
 * The whole profile; what is optional was left out by releases before this one. Ordered by user,
 * whose versions it tells of.
 */
export const userUpdated = defineEvent(
  'user.updated',
  1,
  z.object({
    userId: Id,
    version: z.int().positive(),
    username: z.string(),
    name: z.string(),
    avatarKey: MediaKey.nullable(),
    backgroundKey: MediaKey.nullable().optional(),
    signature: z.string().optional(),
    createdAt: Instant.optional(),
    updatedAt: Instant,
    /** Banned: nobody is shown the user, nor anything of theirs. */
    isHidden: z.boolean().optional(),
  }),
  { orderedBy: ({ userId }) => userId },
)

/** An operator has removed content: its owner deletes it. In no order: each is removed once. */
export const contentRemoved = defineEvent(
  'content.removed',
  1,
  z.object({ kind: ContentKind, contentId: Id, authorId: Id, at: Instant }),
  { orderedBy: 'nothing' },
)
