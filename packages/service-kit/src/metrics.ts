import { TraceFlags, trace } from '@opentelemetry/api'
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  Registry,
  register,
} from 'prom-client'

export { Counter, Gauge, Histogram, register } from 'prom-client'

// The one format with exemplars; Prometheus asks for it.
const openMetrics = register as unknown as Registry<OpenMetricsContentType>
openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)

/** All metrics of the kit; services define theirs next to their code. */
export const httpRequestSeconds = new Histogram({
  name: 'fanone_http_request_duration_seconds',
  help: 'Answered requests by route template, method and status',
  labelNames: ['route', 'method', 'status'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  enableExemplars: true,
})

export const workerFailures = new Gauge({
  name: 'fanone_worker_failures',
  help: 'Runs of a background worker that have failed one after the other; 0 after one that has not',
  labelNames: ['worker'] as const,
})

/** Refusals and errors; answers that were given are in `httpRequestSeconds`. */
export const failures = new Counter({
  name: 'fanone_failures_total',
  help: 'Requests and calls answered with an error, by route template and error code',
  labelNames: ['route', 'code'] as const,
  enableExemplars: true,
})

/** What has happened, as events say it: each once, however often it is published. */
export const factsCommitted = new Counter({
  name: 'fanone_facts_total',
  help: 'Events committed, by topic and by what the contract of the event tells apart',
  labelNames: ['event', 'kind'] as const,
})

/**
 * The labels of an exemplar, which leads from a number to a trace. prom-client types them as if
 * they were those of the metric, so they have no type here.
 */
type ExemplarLabels = object

/**
 * The current trace where it is kept, so that what leads there leads somewhere; and so that most
 * requests under load cost nothing.
 */
export function keptTrace(): ExemplarLabels {
  const span = trace.getActiveSpan()?.spanContext()
  return span && span.traceFlags & TraceFlags.SAMPLED ? { trace_id: span.traceId } : {}
}

/** The current trace, kept or not: log lines have its id in any case. */
export function anyTrace(): ExemplarLabels {
  const traceId = trace.getActiveSpan()?.spanContext().traceId
  return traceId === undefined ? {} : { trace_id: traceId }
}

export const outboxPending = new Gauge({
  name: 'fanone_outbox_pending',
  help: 'Events committed but not yet published',
})
export const outboxLagSeconds = new Gauge({
  name: 'fanone_outbox_lag_seconds',
  help: 'Age of the oldest event not yet published',
})
export const outboxPublished = new Counter({
  name: 'fanone_outbox_published_total',
  help: 'Events handed to the broker',
  labelNames: ['topic'] as const,
})

/**
 * `outcome`: handled, duplicate (in the inbox already), retried (will be delivered again), dropped
 * (sent to the dead letters), dead_lettered (arrived there).
 */
export const eventsConsumed = new Counter({
  name: 'fanone_events_consumed_total',
  help: 'Event deliveries by topic and outcome',
  labelNames: ['topic', 'outcome'] as const,
})

export const invocations = new Histogram({
  name: 'fanone_invocation_duration_seconds',
  help: 'Calls to other services through the sidecar, by operation and status',
  labelNames: ['callee', 'operation', 'status'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
})

export const invocationsInFlight = new Gauge({
  name: 'fanone_invocations_in_flight',
  help: 'Calls to other services that have no answer yet',
  labelNames: ['callee'] as const,
})

export const invocationsRepeated = new Counter({
  name: 'fanone_invocations_repeated_total',
  help: 'Calls to other services that were made again because their answer was lost',
  labelNames: ['callee'] as const,
})

/** `from`: cache, database, waited (shared another request's load). */
export const cacheReads = new Counter({
  name: 'fanone_cache_reads_total',
  help: 'Keys asked for in a versioned cache, by where their values were',
  labelNames: ['cache', 'from'] as const,
})

const buildInfo = new Gauge({
  name: 'fanone_build_info',
  help: 'Always 1: which release runs with which configuration',
  labelNames: ['release', 'configuration'] as const,
})

/** The default, 10 ms, takes 4 ms of CPU a second from every process that does nothing. */
const LOOP_SAMPLE_MS = 50

/** Starts the metrics of Node (event loop lag, garbage collection, heap) and of what runs here. */
export function startRuntimeMetrics(build: { release: string; configuration: string }): void {
  buildInfo.set(build, 1)
  collectDefaultMetrics({ eventLoopMonitoringPrecision: LOOP_SAMPLE_MS })
}
