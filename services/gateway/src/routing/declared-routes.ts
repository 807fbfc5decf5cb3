import { douyinContract, fanoneContract, v1Contract } from '@fanone/contracts/gateway'
import { listRoutes, type PublicRoute } from './route-table.ts'

/** Every route of the gateway. */
export const declaredRoutes: PublicRoute[] = [
  ...listRoutes('v1', v1Contract),
  ...listRoutes('fanone', fanoneContract),
  ...listRoutes('douyin', douyinContract),
]
