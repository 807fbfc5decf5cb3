import type { v1Contract } from '@fanone/contracts/gateway'
import { createORPCClient } from '@orpc/client'
import type { AnyContractRouter, ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import routes from '../generated/routes.json'
import { readProblem, withRequestId } from './problem.ts'

/**
 * A typed client of the native API. `routes.json` is what of the contract the browser needs,
 * methods and paths; `npm run generate` writes it.
 */
const link = new OpenAPILink(routes as unknown as AnyContractRouter, {
  url: location.origin,
  customErrorResponseBodyDecoder: readProblem,
  fetch: async (request, init) => withRequestId(await fetch(request, init)),
})

export type Api = ContractRouterClient<typeof v1Contract>
export const api = createORPCClient(link) as Api

/** Options of queries and mutations for each route. */
export const query = createTanstackQueryUtils(api)
