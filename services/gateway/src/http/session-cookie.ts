import type { TokenPair } from '@fanone/contracts'
import type { V1Session } from '@fanone/contracts/gateway'
import { ServiceError } from '@fanone/service-kit'
import type { CookieOptions, Request, Response } from 'express'

/** A page asks with `Session-Storage: cookie` for a refresh token that no script can read. */
const HEADER = 'Session-Storage'
const NAME = 'fanone_refresh'
const COOKIE: CookieOptions = { httpOnly: true, secure: true, sameSite: 'strict', path: '/v1/sessions/refresh' }
/** As long as a session that is not used. */
const KEPT_MS = 30 * 86_400_000

interface Exchange {
  request: Request
  response: Response
}

function isForCookie({ request }: Exchange): boolean {
  const asked = request.get(HEADER)
  if (asked === undefined || asked === 'cookie') return asked !== undefined
  throw new ServiceError('invalid_input', { detail: `${HEADER} can only be cookie` })
}

/**
 * The tokens for the answer of a route that gives some: nobody on the way may keep it, and a
 * browser gets its refresh token as a cookie only.
 */
export function answerTokens(tokens: TokenPair, exchange: Exchange): V1Session['tokens'] {
  exchange.response.set('Cache-Control', 'no-store')
  if (!isForCookie(exchange)) return tokens
  const { refreshToken, ...shown } = tokens
  exchange.response.cookie(NAME, refreshToken, { ...COOKIE, maxAge: KEPT_MS })
  return shown
}

/**
 * Refuses pages of other origins that ask for the cookie. Called before a session is opened, so
 * that a refusal opens none.
 *
 * @throws ServiceError `forbidden`, or `invalid_input` for another value of the header
 */
export function refuseOtherPages(exchange: Exchange): void {
  if (!isForCookie(exchange)) return
  if (!isFromOwnPage(exchange.request))
    throw new ServiceError('forbidden', { detail: 'Only pages of this origin keep a session in a cookie' })
}

/**
 * The refresh token of the body, or of the cookie.
 *
 * @throws ServiceError `invalid_input` without any, `forbidden` for a page of another origin
 */
export function refreshTokenOf(given: string | undefined, exchange: Exchange): string {
  refuseOtherPages(exchange)
  if (given !== undefined) return given
  const inCookie = isForCookie(exchange) ? cookieOf(exchange.request) : undefined
  if (inCookie !== undefined) return inCookie
  throw new ServiceError('invalid_input', { detail: 'refreshToken is missing' })
}

/** Takes the cookie back, of a browser that keeps its session there. */
export function forgetSession(exchange: Exchange): void {
  if (isForCookie(exchange)) exchange.response.clearCookie(NAME, COOKIE)
}

/** Browsers say it themselves, whatever Host a proxy sends; older ones name the page's origin. */
function isFromOwnPage(request: Request): boolean {
  const site = request.get('Sec-Fetch-Site')
  if (site !== undefined) return site === 'same-origin'
  const origin = request.get('Origin')
  return origin !== undefined && URL.parse(origin)?.host === request.get('Host')
}

function cookieOf(request: Request): string | undefined {
  const [, value] = new RegExp(`(?:^|; ?)${NAME}=([\\w.-]{1,500})(?:;|$)`).exec(request.get('Cookie') ?? '') ?? []
  return value
}
