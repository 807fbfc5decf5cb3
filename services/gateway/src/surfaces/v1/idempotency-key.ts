import { ServiceError } from '@fanone/service-kit'
import type { Request } from 'express'

/**
 * What the client calls this request, so that it can be repeated safely; undefined where it does not care.
 *
 * @throws ServiceError `invalid_input` for a key that is not 1 to 255 printable ASCII characters
 */
export function readIdempotencyKey(request: Request): string | undefined {
  const key = request.get('Idempotency-Key')
  if (key === undefined) return undefined
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new ServiceError('invalid_input', { detail: 'Idempotency-Key must be 1 to 255 printable characters' })
}
