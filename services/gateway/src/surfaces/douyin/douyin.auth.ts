import type { IncomingMessage } from 'node:http'
import { hasCode } from '@fanone/service-kit'
import type { Request } from 'express'
import type { TokenVerifier } from '../../auth/token-verifier.ts'
import type { Authenticate } from '../../http/request-policy.ts'
import { MissingTokenError } from '../compat/compat-codes.ts'

/** Whether a request without a body shows a token, good or bad. */
export const showsDouyinToken = ({ url = '' }: IncomingMessage) => /[?&]token=/.test(url)

/**
 * The parameter `token`, of query or form. Where a token is optional a bad one counts as none: the
 * app keeps its token for weeks and has no way to renew it, but should still show the feed.
 */
export function douyinAuthentication(verifier: TokenVerifier): Authenticate {
  return async (request, _response, access) => {
    const token = readToken(request)
    if (token === undefined) {
      if (access === 'optional') return undefined
      throw new MissingTokenError()
    }
    try {
      return await verifier.verify(token)
    } catch (error) {
      if (access === 'optional' && hasCode(error, 'unauthenticated', 'token_expired')) return undefined
      throw error
    }
  }
}

/** The form wins over the query. Undefined where there is none. */
export function readToken(request: Pick<Request, 'body' | 'query'>): string | undefined {
  for (const token of [request.body?.token, request.query.token]) {
    if (typeof token === 'string' && token !== '') return token
  }
  return undefined
}
