import type { SessionOrigin } from '@fanone/contracts'
import type { Request } from 'express'

/** From where a request comes, as it is shown in the list of sessions. */
export function originOf(request: Pick<Request, 'ip' | 'get'>): SessionOrigin {
  // Headers are Latin-1 and have no control characters but the tab.
  const device = (request.get('User-Agent') ?? '').replaceAll('\t', ' ').trim().slice(0, 200)
  return { device, address: request.ip ?? '' }
}
