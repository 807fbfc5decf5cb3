import type { OpenAPI } from '@orpc/contract'
import type { PublicRoute } from '../routing/route-table.ts'

const description =
  'Pages of our own keep the refresh token in an `HttpOnly` cookie and see it in no body; pages of other origins are refused'

/** Adds the header by which a page asks for its refresh token in a cookie. */
export function describeSessionStorage(operation: OpenAPI.OperationObject, route: PublicRoute): void {
  if (!route.meta.inCookie) return
  const header: OpenAPI.ParameterObject = {
    name: 'Session-Storage',
    in: 'header',
    description,
    required: false,
    schema: { type: 'string', enum: ['cookie'] },
  }
  operation.parameters = [...(operation.parameters ?? []), header]
}
