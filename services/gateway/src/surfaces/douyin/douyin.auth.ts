import type { IncomingMessage } from 'node:http'
import { hasCode } from '@fanone/service-kit'
import type { Request } from 'express'
import { decodeProtectedHeader } from 'jose'
import type { LastingTokens } from '../../auth/lasting-tokens.ts'
import type { TokenVerifier } from '../../auth/token-verifier.ts'
import type { Authenticate } from '../../http/request-policy.ts'
import { MissingTokenError } from '../compat/compat-codes.ts'

/** Whether a request without a body shows a token, good or bad. */
export const showsDouyinToken = ({ url = '' }: IncomingMessage) => /[?&]token=/.test(url)

/**
 * The parameter `token`, of query or form: one that lasts, as this API gives out, or an access
 * token. Where a token is optional a bad one counts as none: the app has no way to renew it, but
 * should still show the feed.
 */
export function douyinAuthentication({
  verifier,
  lasting,
}: {
  verifier: Pick<TokenVerifier, 'verify'>
  lasting: Pick<LastingTokens, 'verify'>
}): Authenticate {
  return async (request, _response, access) => {
    const token = readToken(request)
    if (token === undefined) {
      if (access === 'optional') return undefined
      throw new MissingTokenError()
    }
    try {
      return await (isLasting(token) ? lasting : verifier).verify(token)
    } catch (error) {
      if (access === 'optional' && hasCode(error, 'unauthenticated', 'token_expired')) return undefined
      throw error
    }
  }
}

/** Of which type a token says it is; whether that is so the signature tells. */
function isLasting(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === 'lasting+jwt'
  } catch {
    return false
  }
}

/** The form wins over the query. Undefined where there is none. */
export function readToken(request: Pick<Request, 'body' | 'query'>): string | undefined {
  for (const token of [request.body?.token, request.query.token]) {
    if (typeof token === 'string' && token !== '') return token
  }
  return undefined
}
