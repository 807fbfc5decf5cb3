import type { v1Contract } from '@fanone/contracts/gateway'
import { createORPCClient } from '@orpc/client'
import type { AnyContractRouter, ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import routes from '../generated/routes.json'
import { SessionStore } from '../session/session.ts'
import { readProblem, withRequestId } from './problem.ts'
import { queryClient } from './query-client.ts'

/**
 * A typed client of the native API. `routes.json` is what of the contract the browser needs,
 * methods and paths; `npm run generate` writes it.
 */
const link = new OpenAPILink<object>(routes as unknown as AnyContractRouter, {
  url: location.origin,
  customErrorResponseBodyDecoder: readProblem,
  headers: async (_options, path) => {
    const token = opensSession(path) ? undefined : await session.token().catch(() => undefined)
    return { 'session-storage': 'cookie', ...(token && { authorization: `Bearer ${token}` }) }
  },
  fetch: async (request, init) => {
    const response = await fetch(request, init)
    const [, token] = request.headers.get('authorization')?.split(' ') ?? []
    // Ended from another device, or banned: what is shown from here on is what visitors see.
    if (response.status === 401 && token) void session.doubt(token).catch(() => undefined)
    return withRequestId(response)
  },
})

/** These make tokens, and need none. */
const makers = ['users.register', 'sessions.logIn', 'phones.signIn', 'passkeys.logIn', 'sessions.refresh']
const opensSession = (path: readonly string[]) => makers.includes(path.join('.'))

export type Api = ContractRouterClient<typeof v1Contract>
export const api = createORPCClient(link) as Api

/** Options of queries and mutations for each route. */
export const query = createTanstackQueryUtils(api)

/** The session of this browser. */
export const session = new SessionStore({
  renew: () => api.sessions.refresh({}),
  onChange: () => void queryClient.resetQueries(),
})
