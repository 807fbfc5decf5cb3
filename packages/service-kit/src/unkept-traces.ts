import { EventEmitter } from 'node:events'
import { type IncomingMessage, Server } from 'node:http'
import { context, propagation, ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { RandomIdGenerator, type Sampler, SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'

const ids = new RandomIdGenerator()

/**
 * For the root of a trace: a share of them is kept. A request that reaches the instrumentation has been decided upon already
 * (`leadUnkeptAround`), so it is kept.
 */
export class RootSampler implements Sampler {
  readonly #ratio: TraceIdRatioBasedSampler

  constructor(share: number) {
    this.#ratio = new TraceIdRatioBasedSampler(share)
  }

  shouldSample(...[parent, traceId, , kind]: Parameters<Sampler['shouldSample']>) {
    if (kind === SpanKind.SERVER) return { decision: SamplingDecision.RECORD_AND_SAMPLED }
    return this.#ratio.shouldSample(parent, traceId)
  }

  toString(): string {
    return `RootSampler{${this.#ratio}}`
  }
}

/**
 * Leads requests that make no span around the HTTP instrumentation, which reads, cleans and copies what a span would hold, and wraps every
 * listener of request and response, before it asks whether the trace is kept: two thirds on top of what a page of the feed costs. Such a request
 * still has a trace id, its own or that of who sent it, for log lines, error documents and those it asks.
 *
 * @param options.isQuiet requests that make no trace whatever the share, unless they come with one
 * @param options.share of the traces begun here that are kept, from 0 to 1
 */
export function leadUnkeptAround(options: { isQuiet: (request: IncomingMessage) => boolean; share: number }): void {
  const plain = EventEmitter.prototype.emit
  const traced: typeof plain = Server.prototype.emit
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    if (event !== 'request') return traced.call(this, event, ...args)
    const request = args[0] as IncomingMessage
    if (options.isQuiet(request)) return plain.call(this, event, ...args)
    const unkept = unkeptContext(request, options.share)
    if (unkept === undefined) return traced.call(this, event, ...args)
    return context.with(trace.setSpanContext(ROOT_CONTEXT, unkept), () => plain.call(this, event, ...args))
  } as typeof traced
}

/** Which trace a request belongs to that makes no span; undefined where it makes one. */
function unkeptContext(request: IncomingMessage, share: number): SpanContext | undefined {
  const header = request.headers.traceparent
  const parent = typeof header === 'string' ? parseTraceParent(header) : null
  if (parent) return parent.traceFlags & TraceFlags.SAMPLED ? undefined : parent
  if (Math.random() < share) return undefined
  return { traceId: ids.generateTraceId(), spanId: ids.generateSpanId(), traceFlags: TraceFlags.NONE }
}

/**
 * For a client's instrumentation: whether a call makes no span, because the trace it belongs to is not kept. The callee is told which trace that is,
 * which the instrumentation would have done.
 */
export function tellUnkept(request: { addHeader?: (name: string, value: string) => void }): boolean {
  const current = trace.getActiveSpan()?.spanContext()
  if (current === undefined || current.traceFlags & TraceFlags.SAMPLED) return false
  const headers: Record<string, string> = {}
  propagation.inject(context.active(), headers)
  for (const [name, value] of Object.entries(headers)) request.addHeader?.(name, value)
  return true
}
