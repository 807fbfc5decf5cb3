import { StandardOpenAPIHandler } from '@orpc/openapi/standard'
import { type AnyRouter, type Context, isProcedure, ORPCError } from '@orpc/server'
import type { StandardLazyRequest } from '@orpc/standard-server'
import type { Request } from 'express'
import { type ServiceError, toServiceError } from './errors.ts'

/** What a router answers to a request. */
export type RouterAnswer = { failure: ServiceError } | { status: number; headers: object; body: unknown }

/**
 * An output that oRPC's serializer does not go through. It looks for what JSON does not know, value
 * by value, and takes three times as long as `JSON.stringify`; contracts have nothing of the kind.
 */
class PlainOutput {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

/**
 * Answers requests by an oRPC router: validates input by the contract, runs the handler, validates
 * its output.
 */
export class RouterAnswers<RouteContext extends Context> {
  readonly #handler: StandardOpenAPIHandler<RouteContext>
  readonly #failures = new WeakMap<object, ServiceError>()

  constructor(router: AnyRouter) {
    this.#handler = new StandardOpenAPIHandler<RouteContext>(router as never, {
      interceptors: [
        async (call) => {
          try {
            return await call.next()
          } catch (error) {
            const failure = toServiceError(error)
            this.#failures.set(call.request, failure)
            throw new ORPCError(failure.code, { status: failure.status })
          }
        },
      ],
      clientInterceptors: [
        async (call) => {
          const request = (call.context as { request?: Request }).request
          if (request && isProcedure(call.procedure)) request.routeTemplate = call.procedure['~orpc'].route.path
          return new PlainOutput(await call.next())
        },
      ],
    })
  }

  /** @returns undefined for a request that no route matches */
  async answer(request: StandardLazyRequest, context: RouteContext): Promise<RouterAnswer | undefined> {
    const result = await this.#handler.handle(request, { context })
    if (!result.matched) return undefined
    const failure = this.#failures.get(request)
    if (failure) return { failure }
    const { body, ...response } = result.response
    return { ...response, body: body instanceof PlainOutput ? body.value : body }
  }
}
