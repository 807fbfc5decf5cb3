import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

/** Runs work that belongs to no request (polling, renewing) without making traces of it. */
export function untraced<Result>(work: () => Result): Result {
  return context.with(suppressTracing(context.active()), work)
}
