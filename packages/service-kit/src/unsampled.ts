import { EventEmitter } from 'node:events'
import { type IncomingMessage, Server } from 'node:http'
import { context, propagation, ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { RandomIdGenerator, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace'

const ids = new RandomIdGenerator()

/**
 * Says which of the traces that begin here are kept: all of them up to a rate (a token bucket that
 * holds those of one second), beyond it a share.
 */
export class TraceBudget {
  readonly #perSecond: number
  readonly #share: number
  readonly #now: () => number
  #left: number
  #filledAt: number

  /**
   * @param options.share from 0 to 1
   * @param options.now a clock that never goes back, in ms
   */
  constructor(options: { perSecond: number; share: number; now?: () => number }) {
    this.#perSecond = options.perSecond
    this.#share = options.share
    this.#now = options.now ?? (() => performance.now())
    this.#left = options.perSecond
    this.#filledAt = this.#now()
  }

  /** Whether the trace that begins now is kept. */
  take(): boolean {
    const now = this.#now()
    const refilled = this.#left + ((now - this.#filledAt) / 1_000) * this.#perSecond
    this.#filledAt = now
    this.#left = Math.min(this.#perSecond, refilled)
    if (this.#left < 1) return Math.random() < this.#share
    this.#left--
    return true
  }
}

/**
 * Samples what a budget allows of the traces that begin here. Requests that reach the
 * instrumentation were sampled by `skipTracingOfUnsampled` already, so their server spans are
 * always recorded.
 */
export class RootSampler implements Sampler {
  readonly #budget: TraceBudget

  constructor(budget: TraceBudget) {
    this.#budget = budget
  }

  shouldSample(...[, , , kind]: Parameters<Sampler['shouldSample']>) {
    const isKept = kind === SpanKind.SERVER || this.#budget.take()
    return { decision: isKept ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD }
  }

  toString(): string {
    return 'RootSampler'
  }
}

/**
 * Makes requests that record no span bypass the HTTP instrumentation, which does most of its work
 * before it asks the sampler (docs/decisions/0013). They keep a trace id, their own or the
 * caller's, for log lines, error documents and outgoing calls. Call it after instrumenting HTTP.
 *
 * @param options.isQuiet requests that are not even given a trace id, whatever the share
 * @param options.budget which of the traces that begin here are sampled
 */
export function skipTracingOfUnsampled(options: {
  isQuiet: (request: IncomingMessage) => boolean
  budget: TraceBudget
}): void {
  const plain = EventEmitter.prototype.emit
  const traced: typeof plain = Server.prototype.emit
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    if (event !== 'request') return traced.call(this, event, ...args)
    const request = args[0] as IncomingMessage
    if (options.isQuiet(request)) return plain.call(this, event, ...args)
    const unsampled = unsampledContext(request, options.budget)
    if (unsampled === undefined) return traced.call(this, event, ...args)
    return context.with(trace.setSpanContext(ROOT_CONTEXT, unsampled), () => plain.call(this, event, ...args))
  } as typeof traced
}

/** The trace of a request that records no span; undefined for a request that is sampled. */
function unsampledContext(request: IncomingMessage, budget: TraceBudget): SpanContext | undefined {
  const header = request.headers.traceparent
  const parent = typeof header === 'string' ? parseTraceParent(header) : null
  if (parent) return parent.traceFlags & TraceFlags.SAMPLED ? undefined : parent
  if (budget.take()) return undefined
  return { traceId: ids.generateTraceId(), spanId: ids.generateSpanId(), traceFlags: TraceFlags.NONE }
}

/**
 * For the `ignoreRequestHook` of a client's instrumentation: returns whether the current trace is
 * unsampled, and if so adds the trace headers, as the instrumentation would have.
 */
export function propagateUnsampled(request: { addHeader?: (name: string, value: string) => void }): boolean {
  const current = trace.getActiveSpan()?.spanContext()
  if (current === undefined || current.traceFlags & TraceFlags.SAMPLED) return false
  const headers: Record<string, string> = {}
  propagation.inject(context.active(), headers)
  for (const [name, value] of Object.entries(headers)) request.addHeader?.(name, value)
  return true
}
