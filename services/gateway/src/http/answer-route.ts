import { JsonText } from '@fanone/contracts'
import type { Surface } from '@fanone/contracts/gateway'
import { ServiceError, sendProblem } from '@fanone/service-kit'
import { StandardOpenAPICodec } from '@orpc/openapi/standard'
import {
  StandardBracketNotationSerializer,
  StandardOpenAPIJsonSerializer,
  StandardOpenAPISerializer,
} from '@orpc/openapi-client/standard'
import { type AnyProcedure, type AnyRouter, createProcedureClient, isProcedure } from '@orpc/server'
import { toStandardLazyRequest } from '@orpc/standard-server-node'
import type { RequestHandler } from 'express'
import { declaredRoutes } from '../routing/declared-routes.ts'
import type { RequestContext } from '../routing/request-context.ts'
import type { FoundRoute, PublicRoute, RouteTable } from '../routing/route-table.ts'
import type { RequestPolicy } from './request-policy.ts'

/**
 * Sends a request to the API that its path belongs to. What belongs to none is 404; a method that
 * the path does not have is 405 with Allow; OPTIONS is answered from the table; HEAD is answered
 * like GET, Node leaves out the body, unless it is a route of its own.
 */
export function dispatch(table: RouteTable, surfaces: Record<Surface, RequestHandler>): RequestHandler {
  return (request, response, next) => {
    const found = table.lookUp(request)
    if (!found) throw new ServiceError('not_found')
    const { entry, route } = found
    if (!route) {
      response.set('Allow', [...entry.methods, 'OPTIONS'].join(', '))
      if (request.method === 'OPTIONS') return void response.status(204).end()
      const refusal = new ServiceError('method_not_allowed')
      // Douyin's clients read the envelope; the others read the status.
      if (entry.surface === 'douyin') throw refusal
      return sendProblem(response, refusal)
    }
    request.routeTemplate = entry.template
    if (request.method === 'HEAD' && route.method !== 'HEAD') request.method = 'GET'
    return surfaces[entry.surface](request, response, next)
  }
}

/**
 * Answers a request whose route is known and whose body is read: is it allowed, what does the
 * handler say.
 */
export function answerRoute({ policy, render }: { policy: RequestPolicy; render: RenderRoute }): RequestHandler {
  return async (request, response) => {
    const found = request.foundRoute
    if (!found?.route) throw new ServiceError('not_found')
    const identity = await policy.authorize(found.route, request, response)
    const context = { request, response, identity }
    const { status, body } = await policy.run(request, identity, () => render(found, context))
    if (response.headersSent || response.destroyed) return
    response.status(status)
    if (body === undefined) response.end()
    else if (body instanceof JsonText) response.type('json').send(body.text)
    else response.json(body)
  }
}

/** What a handler answered. */
export interface RenderedAnswer {
  status: number
  /** Sent as JSON; undefined for none. */
  body: unknown
}

/**
 * Validates the parameters of a request by the contract of its route and runs the handler.
 *
 * @throws ORPCError or ServiceError, see `toServiceError`
 */
export type RenderRoute = (found: FoundRoute, context: RequestContext) => Promise<RenderedAnswer>

/**
 * Serves the handlers of all surfaces. oRPC's own handler would look up the route of every request
 * once more.
 *
 * @param routers handlers by the names of the contracts
 */
export function createRenderer(routers: Record<Surface, AnyRouter>): RenderRoute {
  const codec = new StandardOpenAPICodec(
    new StandardOpenAPISerializer(new StandardOpenAPIJsonSerializer(), new StandardBracketNotationSerializer()),
  )
  const procedures = new Map<PublicRoute, AnyProcedure>()
  for (const route of declaredRoutes) {
    const procedure = procedureOf(routers[route.surface], route)
    if (procedure) procedures.set(route, procedure)
  }
  return async ({ route, params }, context) => {
    const procedure = route && procedures.get(route)
    if (!procedure) throw new Error(`${route?.name} has no handler`)
    const request = toStandardLazyRequest(context.request, context.response)
    const input = await codec.decode(request, params, procedure)
    const output = await createProcedureClient(procedure, { context, path: [route.name] } as never)(input as never)
    const { status, body } = codec.encode(output, procedure)
    return { status, body }
  }
}

/** An answer as JSON text. */
export const toText = ({ body }: RenderedAnswer) => (body instanceof JsonText ? body.text : JSON.stringify(body))

function procedureOf(router: AnyRouter, route: PublicRoute): AnyProcedure | undefined {
  const found = route.name.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], router)
  return isProcedure(found) ? found : undefined
}
