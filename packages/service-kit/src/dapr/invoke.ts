import { randomUUID } from 'node:crypto'
import { type ErrorCode, metaOf } from '@fanone/contracts'
import { type ClientOptions, createORPCClient } from '@orpc/client'
import type { AnyContractRouter, ContractRouterClient } from '@orpc/contract'
import { StandardOpenAPILink } from '@orpc/openapi-client/standard'
import {
  flattenHeader,
  type StandardHeaders,
  type StandardLazyResponse,
  type StandardRequest,
} from '@orpc/standard-server'
import { fromProblem, ServiceError } from '../errors.ts'
import { IDEMPOTENCY_HEADER, type Identity, identityHeaders } from '../identity.ts'
import { invocations, invocationsInFlight } from '../metrics.ts'
import { OperationCalls } from './operation-calls.ts'
import { PendingCall } from './pending-call.ts'
import { SidecarError } from './sidecar-error.ts'
import type { DeadlineTransport } from './transport.ts'

/** The options of one call, as in `client.profiles.edit(input, { context: { identity } })`. */
export interface CallContext {
  /** For whom the call is made. */
  identity?: Identity | undefined
  /** Same key, same effect; see `runOnce`. Made for the call where it is left out. */
  idempotencyKey?: string | undefined
  /** For callers that wait less than the operation's own deadline. */
  timeoutMs?: number
}

export type ServiceClient<Contract extends AnyContractRouter> = ContractRouterClient<Contract, CallContext>

/**
 * A typed client of another service. Calls go through the sidecars, so that discovery, retries,
 * breakers, access control and tracing are Dapr's, and those of one operation share the way
 * (docs/shared-calls.md). Errors are `ServiceError`s with the code that
 * the service answered; a service that cannot be reached gives `unavailable`, a slow one `timeout`.
 * Not on the SDK's invoker, because that hides status and headers, which carry refusals here.
 */
export function createServiceClient<Contract extends AnyContractRouter>(
  contract: Contract,
  options: { appId: string; transport: DeadlineTransport },
): ServiceClient<Contract> {
  const sender = new InvocationSender(contract, options)
  const link = new StandardOpenAPILink<CallContext>(contract, sender, {
    url: 'http://sidecar/',
    customErrorResponseBodyDecoder: decodeError,
  } as never)
  return createORPCClient(link) as ServiceClient<Contract>
}

/** Carries oRPC requests through the sidecar's invoke API. */
class InvocationSender {
  readonly #contract: AnyContractRouter
  readonly #options: { appId: string; transport: DeadlineTransport }
  readonly #operations = new Map<string, { calls: OperationCalls; deadlineMs: number }>()

  constructor(contract: AnyContractRouter, options: { appId: string; transport: DeadlineTransport }) {
    this.#contract = contract
    this.#options = options
  }

  async call(
    request: StandardRequest,
    options: ClientOptions<CallContext>,
    path: readonly string[],
  ): Promise<StandardLazyResponse> {
    const { appId: app } = this.#options
    const operation = request.url.pathname
    const { calls, deadlineMs } = this.#operations.get(operation) ?? this.#open(operation, path)
    const stop = invocations.startTimer({ callee: app, operation })
    invocationsInFlight.inc({ callee: app })
    try {
      const { status, headers, body } = await calls.send(() => newCall(request, options, deadlineMs)).answer
      stop({ status: String(status) })
      return { status, headers, body: async () => body }
    } catch (error) {
      stop({ status: 'none' })
      throw toCallError(app, error)
    } finally {
      invocationsInFlight.dec({ callee: app })
    }
  }

  #open(operation: string, path: readonly string[]) {
    const { isAlone, timeoutMs: deadlineMs } = metaOf(this.#contract, path)
    const opened = { calls: new OperationCalls({ ...this.#options, operation, isAlone }), deadlineMs }
    this.#operations.set(operation, opened)
    return opened
  }
}

/**
 * The deadline is the operation's, or the caller's if that is sooner. All tries of a call, ours and
 * the sidecar's, share a key: a registration whose answer was lost must not find its own name
 * taken.
 */
function newCall(request: StandardRequest, options: ClientOptions<CallContext>, deadlineMs: number): PendingCall {
  const { identity, idempotencyKey = randomUUID(), timeoutMs = deadlineMs } = options.context
  return new PendingCall({
    input: JSON.stringify(request.body ?? {}),
    headers: { ...identityHeaders(identity), [IDEMPOTENCY_HEADER]: idempotencyKey },
    timeoutMs: Math.min(timeoutMs, deadlineMs),
    signal: options.signal,
  })
}

function toCallError(appId: string, error: unknown): unknown {
  if (!(error instanceof SidecarError)) return error
  return new ServiceError(error.isTimeout ? 'timeout' : 'unavailable', {
    detail: `${appId} does not answer`,
    cause: error,
    retryAfterSeconds: 1,
  })
}

/** Problem details come from the service, `{errorCode}` from a sidecar on the way. */
function decodeError(body: unknown, response: { status: number; headers: StandardHeaders }): ServiceError {
  const answer = (body ?? {}) as { code?: unknown; errorCode?: unknown; message?: unknown }
  const isAbsent = response.status === 503 || response.status === 504
  const known = fromProblem(answer, flattenHeader(response.headers['retry-after']) ?? (isAbsent ? '1' : undefined))
  if (known) return known
  const sidecarCode = typeof answer.errorCode === 'string' ? answer.errorCode : undefined
  return new ServiceError(classify(response.status, sidecarCode, String(answer.message ?? '')), {
    retryAfterSeconds: 1,
    cause: new SidecarError(`${response.status} ${sidecarCode ?? ''} ${String(answer.message ?? '').slice(0, 300)}`),
  })
}

function classify(status: number, sidecarCode: string | undefined, message: string): ErrorCode {
  if (status === 403) return 'forbidden'
  if (status === 504 || /deadline exceeded|timeout/i.test(message)) return 'timeout'
  // The sidecar has no answer from the service: no instance, breaker open, connection lost.
  if (sidecarCode || status === 502 || status === 503) return 'unavailable'
  return 'upstream_failed'
}
