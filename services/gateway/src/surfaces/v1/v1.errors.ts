import { type ServiceError, sendProblem } from '@fanone/service-kit'
import type { Response } from 'express'

/** Problem details (RFC 9457) that nothing on the way may keep. */
export function sendV1Error(response: Response, error: ServiceError): void {
  response.set('Cache-Control', 'no-store')
  sendProblem(response, error)
}
