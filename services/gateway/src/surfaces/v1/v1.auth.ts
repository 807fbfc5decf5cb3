import type { IncomingMessage } from 'node:http'
import { ServiceError } from '@fanone/service-kit'
import type { TokenVerifier } from '../../auth/token-verifier.ts'
import type { Authenticate } from '../../http/request-policy.ts'

/** The token of `Authorization: Bearer …`, undefined where there is no such header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
}

/** Whether a request shows a token, good or bad. */
export const showsV1Token = (request: IncomingMessage) => request.headers.authorization !== undefined

/** Bearer tokens only (RFC 6750, 2.1). A sent token must be valid even if none is needed. */
export function v1Authentication(verifier: TokenVerifier): Authenticate {
  return async (request, _response, access) => {
    const { authorization } = request.headers
    if (authorization === undefined && access === 'optional') return undefined
    const token = bearerToken(authorization)
    if (token === undefined) throw new ServiceError('unauthenticated')
    return await verifier.verify(token)
  }
}
