import type { IncomingMessage } from 'node:http'
import type { TokenPair } from '@fanone/contracts'
import { hasCode, type Identity, ServiceError } from '@fanone/service-kit'
import type { Request, Response } from 'express'
import type { TokenVerifier } from '../../auth/token-verifier.ts'
import type { Authenticate } from '../../http/request-policy.ts'
import { MissingTokenError } from '../compat/compat-codes.ts'
import { bearerToken } from '../v1/v1.auth.ts'

/** Swaps a refresh token for a new pair. @throws ServiceError `refresh_token_invalid` */
export type Refresh = (refreshToken: string, request: Request) => Promise<{ tokens: TokenPair }>

/** Whether a request shows a token, good or bad. */
export const showsFanoneToken = ({ headers }: IncomingMessage) =>
  headers['access-token'] !== undefined || headers.authorization !== undefined

/**
 * Tokens in the headers Access-Token and Refresh-Token, or a bearer token. An expired access token
 * with a good refresh token is replaced on the way: the answer carries New-Access-Token and
 * New-Refresh-Token.
 */
export function fanoneAuthentication(verifier: TokenVerifier, refresh: Refresh): Authenticate {
  return async (request, response, access) => {
    const accessToken = request.get('Access-Token') || bearerToken(request.headers.authorization)
    const refreshToken = request.get('Refresh-Token')
    if (!accessToken && access === 'optional') return undefined
    if (!accessToken) throw new MissingTokenError()
    try {
      return await verifier.verify(accessToken)
    } catch (error) {
      if (!hasCode(error, 'token_expired') || !refreshToken) throw error
    }
    return await renew(refreshToken, { verifier, refresh, request, response })
  }
}

async function renew(
  refreshToken: string,
  options: { verifier: TokenVerifier; refresh: Refresh; request: Request; response: Response },
): Promise<Identity> {
  const { verifier, refresh, request, response } = options
  if (refreshToken.length > 500) throw new ServiceError('refresh_token_invalid')
  const { tokens } = await refresh(refreshToken, request)
  const identity = await verifier.verify(tokens.accessToken).catch((error) => {
    // An answer replayed from long ago: the pair it gave out has expired too.
    throw hasCode(error, 'token_expired') ? new ServiceError('refresh_token_invalid') : error
  })
  response.set({ 'New-Access-Token': tokens.accessToken, 'New-Refresh-Token': tokens.refreshToken })
  return identity
}
