import { v1Contract } from '@fanone/contracts/gateway'
import { type AnyContractRouter, isContractProcedure } from '@orpc/contract'

/** What of the native API a browser needs to call it: methods and paths, without the schemas. */
export const renderWebRoutes = (): string => `${JSON.stringify(onlyRoutes(v1Contract), null, 1)}\n`

function onlyRoutes(router: AnyContractRouter): object {
  if (isContractProcedure(router)) {
    const { method, path } = router['~orpc'].route
    return { '~orpc': { errorMap: {}, meta: {}, route: { method, path } } }
  }
  return Object.fromEntries(Object.entries(router).map(([name, entry]) => [name, onlyRoutes(entry)]))
}
