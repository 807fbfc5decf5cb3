import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

/** Runs work that belongs to no request (polling, renewing) without recording traces. */
export function untraced<Result>(work: () => Result): Result {
  return context.with(suppressTracing(context.active()), work)
}

const tracer = trace.getTracer('@fanone/service-kit')

/**
 * Runs work as a new trace, whatever called it: work done for many requests belongs to none of
 * them.
 *
 * @param name of the span; from a finite set
 * @throws what `work` throws
 */
export function traced<Result>(name: string, work: () => Promise<Result> | Result): Promise<Result> {
  return context.with(ROOT_CONTEXT, () =>
    tracer.startActiveSpan(name, async (span) => {
      try {
        return await work()
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    }),
  )
}
