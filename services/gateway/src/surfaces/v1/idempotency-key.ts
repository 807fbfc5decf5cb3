import { ServiceError } from '@fanone/service-kit'
import type { Request } from 'express'

/**
 * The client's name of this request, for safe repeats; undefined if it sends none.
 *
 * @throws ServiceError `invalid_input` for a key that is not 1 to 255 printable ASCII characters
 */
export function readIdempotencyKey(request: Request): string | undefined {
  const key = request.get('Idempotency-Key')
  if (key === undefined) return undefined
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new ServiceError('invalid_input', { detail: 'Idempotency-Key must be 1 to 255 printable characters' })
}
