import { randomUUID } from 'node:crypto'
import { type ErrorCode, timeoutOf } from '@fanone/contracts'
import { type ClientOptions, createORPCClient } from '@orpc/client'
import type { AnyContractRouter, ContractRouterClient } from '@orpc/contract'
import { StandardOpenAPILink } from '@orpc/openapi-client/standard'
import {
  flattenHeader,
  type StandardHeaders,
  type StandardLazyResponse,
  type StandardRequest,
} from '@orpc/standard-server'
import { Bulkheads } from '../bulkheads.ts'
import { fromProblem, ServiceError } from '../errors.ts'
import { REFUSED_HEADER } from '../http.ts'
import { IDEMPOTENCY_HEADER, type Identity, identityHeaders } from '../identity.ts'
import { invocations, invocationsInFlight, invocationsRepeated } from '../metrics.ts'
import { SidecarError } from './sidecar-error.ts'
import type { DeadlineTransport, SidecarResponse } from './transport.ts'

/** The options of one call, as in `client.profiles.edit(input, { context: { identity } })`. */
export interface CallContext {
  /** For whom the call is made. */
  identity?: Identity | undefined
  /** Same key, same effect; see `runOnce`. Made for the call where it is left out. */
  idempotencyKey?: string | undefined
  /** For callers that wait less than the operation's own deadline. */
  timeoutMs?: number
}

/**
 * Concurrent calls of one operation from this process: a hanging callee only costs its own callers.
 */
const CALLS_AT_A_TIME = 128

export type ServiceClient<Contract extends AnyContractRouter> = ContractRouterClient<Contract, CallContext>

/**
 * A typed client of another service. Calls go through the sidecars, so that discovery, retries,
 * breakers, access control and tracing are Dapr's. Errors are `ServiceError`s with the code that
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

/** Carries one oRPC request through the sidecar's invoke API. */
class InvocationSender {
  readonly #contract: AnyContractRouter
  readonly #appId: string
  readonly #transport: DeadlineTransport
  readonly #bulkheads: Bulkheads

  constructor(contract: AnyContractRouter, options: { appId: string; transport: DeadlineTransport }) {
    this.#contract = contract
    this.#appId = options.appId
    this.#transport = options.transport
    this.#bulkheads = new Bulkheads({
      running: CALLS_AT_A_TIME,
      refusal: () => new ServiceError('unavailable', { detail: `${options.appId} is busy`, retryAfterSeconds: 1 }),
    })
  }

  async call(
    request: StandardRequest,
    options: ClientOptions<CallContext>,
    path: readonly string[],
  ): Promise<StandardLazyResponse> {
    const timeoutMs = timeoutOf(this.#contract, path)
    const operation = request.url.pathname
    const stop = invocations.startTimer({ app: this.#appId, operation })
    invocationsInFlight.inc({ app: this.#appId })
    try {
      const answer = await this.#bulkheads.run(operation, () =>
        this.#retryIfLost(request, complete(options, timeoutMs)),
      )
      stop({ status: String(answer.status) })
      return answer
    } catch (error) {
      stop({ status: 'none' })
      throw toCallError(this.#appId, error)
    } finally {
      invocationsInFlight.dec({ app: this.#appId })
    }
  }

  /**
   * Sidecars retry a call that reached no service, but not one whose answer was cut off by a death
   * of the service or of a sidecar. Every operation can be repeated (docs/resiliency.md), so such a
   * call is made once more within the same deadline: callers do not notice that an instance died.
   */
  async #retryIfLost(request: StandardRequest, options: CompleteOptions): Promise<StandardLazyResponse> {
    const startedAtMs = performance.now()
    try {
      return await this.#send(request, options)
    } catch (error) {
      const timeoutMs = Math.floor(options.context.timeoutMs - (performance.now() - startedAtMs))
      const isLost = error instanceof SidecarError && !error.isTimeout && !options.signal?.aborted
      if (!isLost || timeoutMs <= 0) throw error
      invocationsRepeated.inc({ app: this.#appId })
      return this.#send(request, { ...options, context: { ...options.context, timeoutMs } })
    }
  }

  async #send(request: StandardRequest, options: CompleteOptions): Promise<StandardLazyResponse> {
    const { identity, idempotencyKey, timeoutMs } = options.context
    const response = await this.#transport.request({
      method: 'POST',
      path: `/v1.0/invoke/${this.#appId}/method${request.url.pathname}`,
      headers: { ...identityHeaders(identity), [IDEMPOTENCY_HEADER]: idempotencyKey },
      body: request.body ?? {},
      timeoutMs,
      signal: options.signal,
    })
    const status = Number(response.headers[REFUSED_HEADER] ?? response.status)
    const body = readBody(response, status)
    return { status, headers: response.headers, body: async () => body }
  }
}

/**
 * The deadline is the operation's, or the caller's if that is sooner. All tries of a call, ours and
 * the sidecar's, share a key: a registration whose answer was lost must not find its own name
 * taken.
 */
function complete(options: ClientOptions<CallContext>, deadlineMs: number): CompleteOptions {
  const { idempotencyKey = randomUUID(), timeoutMs = deadlineMs, ...rest } = options.context
  return { ...options, context: { ...rest, idempotencyKey, timeoutMs: Math.min(timeoutMs, deadlineMs) } }
}

type CompleteOptions = ClientOptions<CallContext & { idempotencyKey: string; timeoutMs: number }>

/**
 * A service that is killed while it answers leaves a 200 with an empty or cut body, because the
 * sidecar has sent the status already (seen with daprd 1.18.2): that is no answer.
 */
function readBody({ text }: SidecarResponse, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (status < 300) throw new SidecarError('the answer was cut off', { cause })
    return {}
  }
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
