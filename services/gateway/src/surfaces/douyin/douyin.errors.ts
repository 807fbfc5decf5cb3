import type { ServiceError } from '@fanone/service-kit'
import type { Response } from 'express'
import { toCompatError } from '../compat/compat-codes.ts'

/** Clients of these two read the fields before they read the status. */
const SIGN_IN = /^\/douyin\/user\/(register|login)\/?$/

/**
 * Answers an error as Douyin does: HTTP 200 and a `status_code`; a failed sign-in keeps its fields.
 */
export function sendDouyinError(response: Response, error: ServiceError): void {
  const { code, message } = toCompatError(error)
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  const fields = SIGN_IN.test(response.req.path) ? { user_id: 0, token: '' } : {}
  response.set('Cache-Control', 'no-store').json({ status_code: code, status_msg: message, ...fields })
}
