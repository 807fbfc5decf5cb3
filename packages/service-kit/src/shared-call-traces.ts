import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'

/** Spans of calls that share a request, as instrumentation makes them for requests of one call. */

const tracer = trace.getTracer('@fanone/service-kit')

const isSampled = (flags: TraceFlags) => (flags & TraceFlags.SAMPLED) !== 0
const attributesOf = (path: string, calls: number) => ({
  'http.request.method': 'POST',
  'url.path': path,
  'fanone.shared_calls': calls,
})

/** A call at the side of the caller. */
export interface CallTrace {
  /** For the service that is called; undefined without a trace. */
  traceparent: string | undefined
  isSampled: boolean
  /** Only the first is recorded. */
  end(status: number | 'none'): void
}

/**
 * Begins the span of a call at the side of the caller.
 *
 * @param path of the request
 * @param calls in the request
 */
export function traceCall(parent: Context, { path, calls }: { path: string; calls: number }): CallTrace {
  const current = trace.getSpanContext(parent)
  const span =
    current && isSampled(current.traceFlags)
      ? tracer.startSpan('POST', { kind: SpanKind.CLIENT, attributes: attributesOf(path, calls) }, parent)
      : undefined
  const carrier: { traceparent?: string } = {}
  propagation.inject(span ? trace.setSpan(parent, span) : parent, carrier)
  return {
    traceparent: carrier.traceparent,
    isSampled: span !== undefined,
    end: (status) => {
      if (span?.isRecording()) endSpan(span, status)
    },
  }
}

/**
 * Runs a call at the side of the service, in its own trace. A call without one is in that of its
 * request.
 *
 * @param path of the request
 * @param calls in the request
 * @param work returns the status of the answer
 */
export function inTraceOf(
  traceparent: string | undefined,
  { path, calls }: { path: string; calls: number },
  work: () => Promise<number>,
): Promise<unknown> {
  const caller = traceparent === undefined ? null : parseTraceParent(traceparent)
  if (!caller) return work()
  const parent = trace.setSpanContext(ROOT_CONTEXT, { ...caller, isRemote: true })
  if (!isSampled(caller.traceFlags)) return context.with(parent, work)
  const options = { kind: SpanKind.SERVER, attributes: attributesOf(path, calls) }
  return tracer.startActiveSpan(`POST ${path}`, options, parent, async (span) => {
    let status: number | 'none' = 'none'
    try {
      status = await work()
    } finally {
      endSpan(span, status)
    }
  })
}

function endSpan(span: Span, status: number | 'none'): void {
  if (status === 'none' || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  if (status !== 'none') span.setAttribute('http.response.status_code', status)
  span.end()
}
