import type { Identity } from '@fanone/service-kit'
import type { AnyContractRouter } from '@orpc/contract'
import { implement } from '@orpc/server'
import type { Request, Response } from 'express'

/** What handlers of all surfaces receive besides their parameters. */
export interface RequestContext {
  request: Request
  response: Response
  /** Who calls; undefined for nobody. */
  identity: Identity | undefined
}

/**
 * Begins the handlers of a noun: `routesOf(v1Contract.likes)`. Their `.router({…})` compiles when
 * none is missing.
 */
export function routesOf<Contract extends AnyContractRouter>(contract: Contract) {
  return implement(contract).$context<RequestContext>()
}
