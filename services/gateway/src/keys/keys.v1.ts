import { v1Contract } from '@fanone/contracts/gateway'
import type { KeySet } from '../auth/key-set.ts'
import { routesOf } from '../routing/request-context.ts'

export function keysV1({ keys }: { keys: KeySet }) {
  const routes = routesOf(v1Contract.keys)
  return routes.router({
    list: routes.list.handler(async () => ({ keys: await keys.list() })),
  })
}
