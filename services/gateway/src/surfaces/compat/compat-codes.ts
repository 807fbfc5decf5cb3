import type { ErrorCode } from '@fanone/contracts'
import { hasCode, ServiceError } from '@fanone/service-kit'
import { ORPCError, ValidationError } from '@orpc/server'

/** The codes of the compatibility APIs; see the table of error codes in their documentation. */
export const compatCodes = {
  other: -1,
  internal: 10001,
  parameter: 10002,
  authenticationFailed: 10004,
  tokenMissing: 10005,
  accessTokenExpired: 10006,
  refreshTokenExpired: 10007,
  tooManyRequests: 10008,
  userExists: 11000,
  noSuchUser: 11001,
  wrongCredentials: 11002,
  passwordTooShort: 11003,
  mfaCodeInvalid: 11004,
  mfaCodeMissing: 11005,
  fileTooLarge: 12000,
  fileType: 12001,
  usernameTooShort: 12002,
  usernameTooLong: 12003,
  passwordTooLong: 12004,
  unsupportedAction: 13000,
  alreadyLiked: 14000,
  notLiked: 14001,
  noSuchVideo: 15000,
  noSuchComment: 15001,
  notYourComment: 15002,
  alreadyFollowed: 16000,
  notFollowed: 16001,
  cannotFollowSelf: 16002,
} as const

/** Total: a new error code does not compile until its number is chosen here, be it `other`. */
export const codeOfError = {
  invalid_input: compatCodes.parameter,
  malformed_json: compatCodes.parameter,
  malformed_cursor: compatCodes.parameter,
  unsupported_media_type: compatCodes.parameter,
  sensitive_words: compatCodes.parameter,
  password_too_common: compatCodes.parameter,
  unauthenticated: compatCodes.authenticationFailed,
  token_expired: compatCodes.accessTokenExpired,
  refresh_token_invalid: compatCodes.refreshTokenExpired,
  too_many_requests: compatCodes.tooManyRequests,
  username_taken: compatCodes.userExists,
  user_not_found: compatCodes.noSuchUser,
  wrong_credentials: compatCodes.wrongCredentials,
  mfa_code_invalid: compatCodes.mfaCodeInvalid,
  mfa_code_missing: compatCodes.mfaCodeMissing,
  mfa_secret_unknown: compatCodes.parameter,
  wrong_password: compatCodes.wrongCredentials,
  body_too_large: compatCodes.fileTooLarge,
  not_a_picture: compatCodes.fileType,
  upload_too_large: compatCodes.fileTooLarge,
  upload_quota_exceeded: compatCodes.tooManyRequests,
  not_a_video: compatCodes.fileType,
  video_not_found: compatCodes.noSuchVideo,
  comment_not_found: compatCodes.noSuchComment,
  cannot_follow_self: compatCodes.cannotFollowSelf,
  internal: compatCodes.internal,
  upstream_failed: compatCodes.internal,
  unavailable: compatCodes.internal,
  timeout: compatCodes.internal,
  monitoring_unavailable: compatCodes.internal,
  account_banned: compatCodes.authenticationFailed,
  edit_conflict: compatCodes.other,
  forbidden: compatCodes.other,
  idempotency_key_reused: compatCodes.other,
  method_not_allowed: compatCodes.other,
  mfa_already_bound: compatCodes.other,
  mfa_not_bound: compatCodes.other,
  not_found: compatCodes.other,
  last_way_in: compatCodes.other,
  passkey_invalid: compatCodes.other,
  passkey_not_found: compatCodes.other,
  phone_code_invalid: compatCodes.other,
  phone_not_joined: compatCodes.other,
  phone_taken: compatCodes.other,
  report_decided: compatCodes.other,
  report_not_found: compatCodes.other,
  session_not_found: compatCodes.other,
  storage_full: compatCodes.other,
  too_many_passkeys: compatCodes.other,
  tus_version_not_supported: compatCodes.other,
  upload_aborted: compatCodes.other,
  upload_checksum_mismatch: compatCodes.parameter,
  upload_expired: compatCodes.other,
  upload_incomplete: compatCodes.other,
  upload_locked: compatCodes.other,
  upload_not_found: compatCodes.other,
  upload_offset_conflict: compatCodes.other,
  upload_published: compatCodes.other,
} satisfies Record<ErrorCode, number>

const codeOfRule: Record<string, number> = {
  'action_type unsupported': compatCodes.unsupportedAction,
  'username tooShort': compatCodes.usernameTooShort,
  'username tooLong': compatCodes.usernameTooLong,
  'password tooShort': compatCodes.passwordTooShort,
  'password tooLong': compatCodes.passwordTooLong,
}

/** A required token is missing, which the native API does not tell apart from a bad one. */
export class MissingTokenError extends ServiceError {
  constructor() {
    super('unauthenticated', { detail: 'A token is needed' })
  }
}

/** A refusal of the compatibility APIs only: the native one answers success without a change. */
export class CompatError extends ServiceError {
  readonly compatCode: number

  constructor(compatCode: number, message: string) {
    super('invalid_input', { detail: message })
    this.compatCode = compatCode
  }
}

/** Rethrows a refused deletion of a comment with the code for a foreign comment or video. */
export function toNotYourComment(error: unknown): never {
  throw hasCode(error, 'forbidden') ? new CompatError(compatCodes.notYourComment, 'This is not your comment') : error
}

/** The code and message of an error as the compatibility APIs answer it. */
export function toCompatError(error: ServiceError): { code: number; message: string } {
  if (error instanceof MissingTokenError) return { code: compatCodes.tokenMissing, message: error.message }
  if (error instanceof CompatError) return { code: error.compatCode, message: error.message }
  const code = codeOfBrokenRule(error) ?? codeOfError[error.code]
  return { code, message: error.message }
}

/** The code of a broken rule; only the issues know which rule it was. */
function codeOfBrokenRule(error: ServiceError): number | undefined {
  const validation = error.cause instanceof ORPCError ? error.cause.cause : undefined
  if (!(validation instanceof ValidationError)) return undefined
  for (const issue of validation.issues) {
    const rule = (issue as { params?: { rule?: unknown } }).params?.rule
    const code = codeOfRule[`${String(issue.path?.[0])} ${String(rule)}`]
    if (code !== undefined) return code
  }
  return undefined
}
