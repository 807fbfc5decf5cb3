/**
 * The errors that services and gateway answer on purpose: stable code, HTTP status, and a title for
 * people. Codes are part of the API: add, never rename.
 */
export const errorCatalogue = {
  invalid_input: { status: 400, title: 'The request is not valid' },
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  malformed_cursor: { status: 400, title: 'The cursor is not one this list gave out' },
  unauthenticated: { status: 401, title: 'A valid access token is needed' },
  token_expired: { status: 401, title: 'The access token has expired' },
  refresh_token_invalid: { status: 401, title: 'The refresh token is not valid (any more)' },
  wrong_credentials: { status: 401, title: 'Wrong user name or password' },
  mfa_code_missing: { status: 403, title: 'The code of the second factor is needed' },
  mfa_code_invalid: { status: 403, title: 'The code of the second factor is wrong, or was used before' },
  phone_code_invalid: { status: 403, title: 'The code is wrong, too old, or was used or tried too often' },
  passkey_invalid: { status: 403, title: 'This passkey opens nothing here, or the request for it is too old' },
  wrong_password: { status: 403, title: 'The password is wrong' },
  account_banned: { status: 403, title: 'The account is banned' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'There is no such thing here' },
  user_not_found: { status: 404, title: 'There is no such user' },
  session_not_found: { status: 404, title: 'There is no such session' },
  passkey_not_found: { status: 404, title: 'There is no such passkey' },
  video_not_found: { status: 404, title: 'There is no such video' },
  comment_not_found: { status: 404, title: 'There is no such comment' },
  report_not_found: { status: 404, title: 'There is no such report' },
  report_decided: { status: 409, title: 'The report was decided otherwise' },
  upload_not_found: { status: 404, title: 'There is no such upload' },
  upload_expired: { status: 410, title: 'The upload has expired' },
  upload_incomplete: { status: 409, title: 'Bytes of the upload are missing' },
  upload_offset_conflict: { status: 409, title: 'The upload has another number of bytes' },
  upload_published: { status: 403, title: 'The upload has become a video' },
  upload_locked: { status: 423, title: 'Somebody else is writing to the upload' },
  upload_too_large: { status: 413, title: 'The upload is too large' },
  upload_quota_exceeded: { status: 429, title: 'Too many uploads' },
  upload_checksum_mismatch: { status: 460, title: 'The bytes do not have the checksum that came with them' },
  tus_version_not_supported: { status: 412, title: 'This version of the tus protocol is not spoken here' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  username_taken: { status: 409, title: 'This user name is taken' },
  mfa_already_bound: { status: 409, title: 'A second factor is bound already' },
  phone_taken: { status: 409, title: 'This phone belongs to another account' },
  phone_not_joined: { status: 409, title: 'The account has no phone' },
  last_way_in: { status: 409, title: 'Nothing else opens the account: set a password first' },
  too_many_passkeys: { status: 409, title: 'No more passkeys fit this account' },
  mfa_not_bound: { status: 409, title: 'No second factor is bound' },
  mfa_secret_unknown: { status: 422, title: 'This secret was not issued to the caller, or too long ago' },
  edit_conflict: { status: 409, title: 'Somebody else changed it at the same time' },
  password_too_common: { status: 422, title: 'This password is among those that are tried first' },
  idempotency_key_reused: { status: 422, title: 'This idempotency key belongs to another request' },
  sensitive_words: { status: 422, title: 'The text holds words that are not allowed here' },
  cannot_follow_self: { status: 422, title: 'Nobody can follow themselves' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'This content type is not accepted here' },
  not_a_video: { status: 422, title: 'The file is not a video that can be played' },
  not_a_picture: { status: 422, title: 'The file is not a picture that can be shown' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  upload_aborted: { status: 400, title: 'The upload ended before it was complete' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  upstream_failed: { status: 502, title: 'A part of the site answered with something unexpected' },
  unavailable: { status: 503, title: 'A part of the site is not available right now' },
  monitoring_unavailable: { status: 503, title: 'Nothing watches this installation, or it does not answer' },
  timeout: { status: 504, title: 'A part of the site took too long' },
  storage_full: { status: 507, title: 'There is no room for this file' },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof errorCatalogue

/** One field that did not pass validation. */
export interface FieldIssue {
  /** Where, as dotted path: `title`, `ids.3`. */
  path: string
  message: string
}
