import type { ServiceError } from '@fanone/service-kit'
import type { Response } from 'express'
import { toCompatError } from '../compat/compat-codes.ts'

/** Answers an error in the FanOne envelope: HTTP 200, the code tells. */
export function sendFanoneError(response: Response, error: ServiceError): void {
  const { code, message } = toCompatError(error)
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  response.set('Cache-Control', 'no-store').json({ base: { code, msg: message } })
}
