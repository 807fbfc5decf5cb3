import { randomBytes } from 'node:crypto'
import { type Span, senderOf } from '../../scripts/traces/span.ts'
import { eventually, zipkinUrl } from './stack.ts'

export { type Span, senderOf }

/** A new trace that a client begins, sampled (W3C Trace Context). */
export function newTrace(): { traceId: string; traceparent: string } {
  const traceId = randomBytes(16).toString('hex')
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }
}

/** The calls of a trace: `from -> to` for each span with a parent of another sender. */
export function edgesOf(spans: Span[]): Set<string> {
  const byId = new Map(spans.map((span) => [span.id, span]))
  const edges = spans.flatMap((span) => {
    const parent = byId.get(span.parentId ?? '')
    return parent && senderOf(parent) !== senderOf(span) ? [`${senderOf(parent)} -> ${senderOf(span)}`] : []
  })
  return new Set(edges)
}

/** Its server reads lines of 4 KiB. */
const MOST_AT_A_TIME = 100
/** Zipkin wants to be asked for two at least. */
const noTrace = '0'.repeat(31).concat('1')

/**
 * Polls Zipkin for many traces until all are complete.
 *
 * @returns the traces by id, including incomplete ones
 */
export async function readTraces(
  traceIds: string[],
  isComplete: (spans: Span[]) => boolean,
  { timeoutMs = 60_000 }: { timeoutMs?: number } = {},
): Promise<Map<string, Span[]>> {
  const found = new Map<string, Span[]>()
  const read = async () => {
    const missing = traceIds.filter((traceId) => !isComplete(found.get(traceId) ?? []))
    if (missing.length === 0) return true
    const asked = [...missing.slice(0, MOST_AT_A_TIME), noTrace]
    const response = await fetch(`${zipkinUrl}/api/v2/traceMany?traceIds=${asked.join(',')}`)
    for (const spans of (await response.json()) as (Span & { traceId: string })[][])
      if (spans[0]) found.set(spans[0].traceId, spans)
    return false
  }
  await eventually(read, { timeoutMs, intervalMs: 500 }).catch(() => {})
  return found
}

/**
 * Polls Zipkin for a trace until it is complete; spans arrive seconds late.
 *
 * @returns the spans, even if some are missing, so that a test can report them
 */
export async function readTrace(traceId: string, isComplete: (spans: Span[]) => boolean): Promise<Span[]> {
  let spans: Span[] = []
  const read = async () => {
    const response = await fetch(`${zipkinUrl}/api/v2/trace/${traceId}`)
    if (response.ok) spans = (await response.json()) as Span[]
    return isComplete(spans)
  }
  await eventually(read, { timeoutMs: 30_000, intervalMs: 500 }).catch(() => {})
  return spans
}
