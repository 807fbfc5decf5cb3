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
import { Bulkheads } from './bulkheads.ts'
import { fromProblem, ServiceError } from './errors.ts'
import { REFUSED_HEADER } from './http.ts'
import { IDEMPOTENCY_HEADER, type Identity, identityHeaders } from './identity.ts'
import { invocations, invocationsInFlight, invocationsRepeated } from './metrics.ts'
import { type Sidecar, SidecarError } from './sidecar.ts'

/** What a caller can say about one call, as `client.profiles.edit(input, { context: { identity } })`. */
export interface CallContext {
  /** For whom the call is made. */
  identity?: Identity | undefined
  /** Same key, same effect; see `runOnce`. Made for the call where it is left out. */
  idempotencyKey?: string | undefined
  /** For callers that wait less than the operation's own deadline. */
  timeoutMs?: number
}

/** Calls of one operation that this process has running at a time: a callee that hangs costs its own callers only. */
const CALLS_AT_A_TIME = 128

export type ServiceClient<Contract extends AnyContractRouter> = ContractRouterClient<Contract, CallContext>

/**
 * A typed client of another service: calls go through the sidecars, so that discovery, retries, breakers, access control and
 * tracing are Dapr's. Errors are `ServiceError`s with the code the service answered; a service that cannot be reached gives
 * `unavailable`, one that is too slow `timeout`.
 */
export function createServiceClient<Contract extends AnyContractRouter>(
  contract: Contract,
  options: { appId: string; sidecar: Sidecar },
): ServiceClient<Contract> {
  const transport = new InvocationTransport(contract, options)
  const link = new StandardOpenAPILink<CallContext>(contract, transport, {
    url: 'http://sidecar/',
    customErrorResponseBodyDecoder: decodeError,
  } as never)
  return createORPCClient(link) as ServiceClient<Contract>
}

/** Carries one oRPC request through the sidecar's invoke API. */
class InvocationTransport {
  readonly #contract: AnyContractRouter
  readonly #appId: string
  readonly #sidecar: Sidecar
  readonly #bulkheads: Bulkheads

  constructor(contract: AnyContractRouter, { appId, sidecar }: { appId: string; sidecar: Sidecar }) {
    this.#contract = contract
    this.#appId = appId
    this.#sidecar = sidecar
    this.#bulkheads = new Bulkheads({
      running: CALLS_AT_A_TIME,
      refusal: () => new ServiceError('unavailable', { detail: `${appId} is busy`, retryAfterSeconds: 1 }),
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
        this.#sendTwiceIfLost(request, complete(options, timeoutMs)),
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
   * A sidecar repeats a call that found nobody, but not one whose answer it had begun to pass on when the service died, and nobody repeats
   * for a sidecar that dies itself. Every operation bears being repeated (docs/resiliency.md), so an answer that was lost is asked for again,
   * once: callers then do not notice that an instance died.
   */
  async #sendTwiceIfLost(request: StandardRequest, options: CompleteOptions): Promise<StandardLazyResponse> {
    try {
      return await this.#send(request, options)
    } catch (error) {
      const isLost = error instanceof SidecarError && !error.isTimeout && !options.signal?.aborted
      if (!isLost) throw error
      invocationsRepeated.inc({ app: this.#appId })
      return this.#send(request, options)
    }
  }

  async #send(request: StandardRequest, options: CompleteOptions): Promise<StandardLazyResponse> {
    const { identity, idempotencyKey, timeoutMs } = options.context
    const response = await this.#sidecar.send({
      method: 'POST',
      path: `/v1.0/invoke/${this.#appId}/method${request.url.pathname}`,
      headers: {
        ...identityHeaders(identity),
        ...(idempotencyKey ? { [IDEMPOTENCY_HEADER]: idempotencyKey } : {}),
      },
      body: request.body ?? {},
      timeoutMs,
      signal: options.signal,
    })
    const status = Number(response.headers[REFUSED_HEADER] ?? response.statusCode)
    const body = await readBody(response.body, status)
    return { status, headers: response.headers, body: async () => body }
  }
}

/**
 * The deadline is the operation's, or the caller's where that is sooner. The key is one for every try of a call, ours and
 * the sidecar's: a registration whose first answer was lost must not find its own name taken.
 */
function complete(options: ClientOptions<CallContext>, deadlineMs: number): CompleteOptions {
  const { idempotencyKey = randomUUID(), timeoutMs = deadlineMs, ...rest } = options.context
  return { ...options, context: { ...rest, idempotencyKey, timeoutMs: Math.min(timeoutMs, deadlineMs) } }
}

type CompleteOptions = ClientOptions<CallContext & { timeoutMs: number }>

/**
 * A service that is killed while it answers leaves a 200 with an empty or cut body, because the sidecar has sent the status already
 * (seen with daprd 1.18.2): that is no answer.
 */
async function readBody(body: { json(): Promise<unknown> }, status: number): Promise<unknown> {
  try {
    return await body.json()
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
  // Whatever a sidecar says while it has no answer from the service: nobody there, breaker open, connection lost.
  if (sidecarCode || status === 502 || status === 503) return 'unavailable'
  return 'upstream_failed'
}
