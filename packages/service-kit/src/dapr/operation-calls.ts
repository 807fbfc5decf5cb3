import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { ServiceError } from '../errors.ts'
import { Gatherer } from '../gatherer.ts'
import { REFUSED_HEADER } from '../http.ts'
import { invocationsRepeated } from '../metrics.ts'
import { type CallTrace, traceCall } from '../shared-call-traces.ts'
import {
  LINES_TYPE,
  MAX_SHARED_CALLS,
  readAnswer,
  SHARED_HEADER,
  type SharedAnswer,
  writeCall,
} from '../shared-calls.ts'
import type { CallAnswer, PendingCall } from './pending-call.ts'
import { SidecarError } from './sidecar-error.ts'
import type { DeadlineTransport, SidecarRequest, SidecarResponse } from './transport.ts'

/**
 * Most bytes of the inputs of a request and, as far as earlier ones tell, of its answers. Apps read
 * 1 MiB, sidecars pass on 4 MiB, and what is parsed at once holds up everybody else.
 */
const MAX_SHARED_BYTES = 512 * 1024
/** How slowly a large answer is forgotten. */
const MEMORY_OF_ANSWERS = 0.95
/** What a sidecar tries again where it is the status of a whole request. */
const isAbsence = ({ status, isRefused }: SharedAnswer) => !isRefused && [502, 503, 504].includes(status)

/**
 * A breaker that is half open lets three requests try, and refuses others before they reach
 * anybody. Where those succeed it closes within moments, so the refused wait and come again.
 */
const HALF_OPEN = /"ERR_DIRECT_INVOKE".*too many requests/
const COME_AGAIN_MS = 50
const MAX_WAIT_MS = 500

/** Where the calls of an operation go. */
export interface Destination {
  appId: string
  /** Such as `/internal/videos.getMany`. */
  operation: string
  /** Its calls share no hop. */
  isAlone: boolean
  transport: DeadlineTransport
}

/**
 * The calls of one operation from this process. Those that wait for each other share a request
 * (docs/shared-calls.md); one that has a request to itself travels as if there were no others.
 */
export class OperationCalls {
  readonly #to: Destination
  readonly #path: string
  readonly #gatherer: Gatherer<PendingCall>
  #answerBytes = 0

  constructor(to: Destination) {
    this.#to = to
    this.#path = `/v1.0/invoke/${to.appId}/method${to.operation}`
    const send = (calls: PendingCall[]) => this.#sendOpen(calls)
    this.#gatherer = new Gatherer(
      to.isAlone
        ? { send, maxItems: 1 }
        : {
            send,
            maxItems: MAX_SHARED_CALLS,
            maxSize: MAX_SHARED_BYTES,
            sizeOf: ({ input }) => Buffer.byteLength(input) + this.#answerBytes,
          },
    )
  }

  /**
   * Makes a call and sends it.
   *
   * @throws ServiceError `unavailable` where so many hang that it would only wait as well
   */
  send(makeCall: () => PendingCall): PendingCall {
    if (this.#gatherer.isFull)
      throw new ServiceError('unavailable', { detail: `${this.#to.appId} is busy`, retryAfterSeconds: 1 })
    const call = makeCall()
    this.#gatherer.add(call)
    return call
  }

  /**
   * Sidecars retry a request that reached no service, but not one whose answer was cut off by a
   * death of the service or of a sidecar. Every operation can be repeated (docs/resiliency.md), so
   * calls that have no answer then are made once more, each within its deadline: callers do not
   * notice that an instance died.
   */
  async #sendOpen(calls: PendingCall[]): Promise<void> {
    const stillOpen = () => calls.filter(({ isEnded }) => !isEnded)
    try {
      await this.#send(stillOpen())
    } catch (error) {
      const isLost = error instanceof SidecarError && !error.isTimeout
      const open = stillOpen()
      if (!isLost) return fail(open, error)
      invocationsRepeated.inc({ callee: this.#to.appId }, open.length)
      await this.#send(open).catch((again) => fail(open, again))
    }
  }

  /** Those who have waited long enough are answered with what the sidecar says. */
  #settleOrWait(calls: PendingCall[], response: SidecarResponse): void {
    const isHalfOpen = response.status === 500 && HALF_OPEN.test(response.text)
    const isImpatient = ({ madeAtMs }: PendingCall) => performance.now() - madeAtMs >= MAX_WAIT_MS
    settleAll(isHalfOpen ? calls.filter(isImpatient) : calls, response)
    if (isHalfOpen) setTimeout(() => this.#comeAgain(calls), COME_AGAIN_MS)
  }

  /** Together, so that many who wait are few requests. */
  #comeAgain(calls: PendingCall[]): void {
    for (const call of calls) if (!call.isEnded) this.#gatherer.add(call)
  }

  async #send(calls: PendingCall[]): Promise<void> {
    const [call, ...others] = calls
    if (!call) return
    if (others.length > 0) return this.#sendTogether(calls)
    const { headers, input: body } = call
    const response = await context.with(call.trace, () => this.#request(calls, { headers, body }))
    this.#settleOrWait(calls, response)
  }

  async #sendTogether(calls: PendingCall[]): Promise<void> {
    const traces = calls.map(({ trace }) => traceCall(trace, { path: this.#path, calls: calls.length }))
    const rest: PendingCall[] = []
    const take = (line: string, status: number) => {
      const answer = readAnswer(line)
      const call = calls[answer.index]
      if (!call) return
      this.#answerBytes = Math.max(line.length, this.#answerBytes * MEMORY_OF_ANSWERS)
      traces[answer.index]?.end('status' in answer ? answer.status : 'none')
      // The sidecar has seen a success, so it tries none of the others again.
      if ('isAlone' in answer || (status < 300 && isAbsence(answer))) rest.push(call)
      else call.settle(toCallAnswer(answer))
    }
    for (const [index, call] of calls.entries()) call.onEnd = () => traces[index]?.end('none')
    try {
      const request = { ...together(calls, traces), onLine: take }
      // In no trace: the spans are made here, one for each call.
      const response = await context.with(ROOT_CONTEXT, () => this.#request(calls, request))
      const open = calls.filter((call) => !call.isEnded && !rest.includes(call))
      if (open.length > 0) this.#settleOrWait(open, response)
    } finally {
      for (const trace of traces) trace.end('none')
    }
    await Promise.all(rest.map((call) => this.#sendOpen([call])))
  }

  /** Ends with its last call, or when nobody waits any more. */
  async #request(
    calls: PendingCall[],
    { headers, ...request }: Pick<SidecarRequest, 'headers' | 'body' | 'onLine'>,
  ): Promise<SidecarResponse> {
    const leaving = new AbortController()
    let open = calls.length
    for (const call of calls) {
      const end = call.onEnd
      call.onEnd = () => {
        end()
        open--
        if (open === 0) leaving.abort()
      }
    }
    const deadlineAtMs = Math.max(...calls.map((call) => call.deadlineAtMs))
    return this.#to.transport.request({
      ...request,
      method: 'POST',
      path: this.#path,
      headers: { 'content-type': 'application/json', ...headers },
      timeoutMs: Math.max(1, deadlineAtMs - performance.now()),
      signal: leaving.signal,
    })
  }
}

/** One request for many calls. Its sidecars are in the trace of the first that is sampled. */
function together(calls: PendingCall[], traces: CallTrace[]): Pick<SidecarRequest, 'headers' | 'body'> {
  const opener = Math.max(
    0,
    traces.findIndex(({ isSampled }) => isSampled),
  )
  const written = calls.map(({ headers, input }, index) =>
    writeCall(index === opener ? headers : { ...headers, traceparent: traces[index]?.traceparent }, input),
  )
  return {
    headers: { [SHARED_HEADER]: String(calls.length), traceparent: traces[opener]?.traceparent },
    body: `[${written.join()}]`,
  }
}

/** @throws SidecarError for an answer that was cut off */
function settleAll(calls: PendingCall[], response: SidecarResponse): void {
  const status = Number(response.headers[REFUSED_HEADER] ?? response.status)
  const body = readBody(response, status)
  for (const call of calls) call.settle({ status, headers: response.headers, body })
}

/**
 * A service that is killed while it answers leaves a 200 with an empty or cut body, because the
 * sidecar has sent the status already (seen with daprd 1.18.2): that is no answer.
 */
function readBody({ text, headers }: SidecarResponse, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (status < 300 || String(headers['content-type']).startsWith(LINES_TYPE))
      throw new SidecarError('the answer was cut off', { cause })
    return {}
  }
}

function toCallAnswer({ status, retryAfter, body }: SharedAnswer): CallAnswer {
  return { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter }, body }
}

function fail(calls: PendingCall[], reason: unknown): void {
  for (const call of calls) call.fail(reason)
}
