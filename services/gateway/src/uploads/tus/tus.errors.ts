import type { ErrorCode } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { OffsetMismatchError, StorageFullError, TooLargeError } from '@fanone/storage'
import { ERRORS } from '@tus/utils'

const codes = new Map<number, ErrorCode>([
  [ERRORS.FILE_NOT_FOUND.status_code, 'upload_not_found'],
  [ERRORS.INVALID_OFFSET.status_code, 'upload_offset_conflict'],
  [ERRORS.FILE_NO_LONGER_EXISTS.status_code, 'upload_expired'],
  [ERRORS.ERR_SIZE_EXCEEDED.status_code, 'upload_too_large'],
  [ERRORS.UNSUPPORTED_CREATION_DEFER_LENGTH_EXTENSION.status_code, 'invalid_input'],
])

/**
 * What went wrong, in our own terms.
 *
 * @param failure what @tus/server or the store threw; undefined where headers were refused
 * @param text what @tus/server would have answered
 */
export function toTusError(failure: unknown, text: string): unknown {
  if (failure instanceof ServiceError) return failure
  if (failure instanceof OffsetMismatchError) return new ServiceError('upload_offset_conflict', { cause: failure })
  if (failure instanceof TooLargeError) return new ServiceError('upload_too_large', { cause: failure })
  if (failure instanceof StorageFullError) return new ServiceError('storage_full', { cause: failure })
  if (failure === ERRORS.ABORTED) return new ServiceError('upload_aborted')
  const status = (failure as { status_code?: number } | undefined)?.status_code
  const code = status === undefined ? undefined : codes.get(status)
  if (code) return new ServiceError(code, code === 'invalid_input' ? { detail: text.trim() } : {})
  if (failure === undefined || status === 400) return new ServiceError('invalid_input', { detail: text.trim() })
  return failure
}
