import { ServiceError, sendProblem } from '@fanone/service-kit'
import type { RequestHandler } from 'express'
import type { RouteTable, Surface } from './route-table.ts'

/**
 * Sends a request to the API that its path belongs to. What belongs to none is 404; a method that the path does not have is 405
 * with Allow; OPTIONS is answered from the table; HEAD is answered like GET, Node leaves out the body.
 */
export function dispatch(table: RouteTable, surfaces: Record<Surface, RequestHandler>): RequestHandler {
  return (request, response, next) => {
    const entry = table.find(request.path)
    if (!entry) throw new ServiceError('not_found')
    if (!entry.methods.includes(request.method)) {
      response.set('Allow', [...entry.methods, 'OPTIONS'].join(', '))
      if (request.method === 'OPTIONS') return void response.status(204).end()
      return sendProblem(response, new ServiceError('method_not_allowed'))
    }
    request.routeTemplate = entry.template
    if (request.method === 'HEAD') request.method = 'GET'
    return surfaces[entry.surface](request, response, next)
  }
}
