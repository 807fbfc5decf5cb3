/**
 * The load generator: a process of its own, so that its CPU time is not the servers'. Takes one job
 * after the other by IPC. Closed loop: each connection sends its next request when the last one is
 * answered.
 */
import { createHistogram } from 'node:perf_hooks'
import autocannon, { type Result } from 'autocannon'

/** One request and the only answer that counts as correct. */
export interface PlannedRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  headers?: Record<string, string>
  body?: string
  /** 200 unless it says otherwise. */
  status?: number
  expected: string
  /** `expected` is a regular expression, for answers that are never the same. */
  isPattern?: boolean
}

export interface LoadJob {
  url: string
  connections: number
  /** How long, or, where the machine may be busy with something else, how many answers. */
  until: { seconds: number } | { answers: number }
  /**
   * Dealt out to the connections, each of which sends its own in turn; where there are fewer than
   * connections, all send all, each beginning with another.
   */
  requests: PlannedRequest[]
}

export interface LoadResult {
  /** Answers with the expected status and body. */
  correct: number
  /** 429. */
  limited: number
  /** 503. */
  shed: number
  /** Any other status or body. */
  wrong: number
  /** No answer. */
  failed: number
  seconds: number
  p50Ms: number
  p99Ms: number
}

process.on('message', async (job: LoadJob) => {
  process.send?.(await run(job))
})

async function run(job: LoadJob): Promise<LoadResult> {
  const counts = { correct: 0, limited: 0, shed: 0, wrong: 0 }
  const latencyMicros = createHistogram()
  let answeredAt = 0
  const requests = job.requests.map(({ status: expectedStatus = 200, expected, isPattern, ...request }) => {
    const isExpected = isPattern
      ? RegExp.prototype.test.bind(new RegExp(expected))
      : (body: string) => body === expected
    return {
      ...request,
      onResponse(status: number, body: string) {
        answeredAt = performance.now()
        if (status === expectedStatus && isExpected(body)) counts.correct++
        else counts[status === 429 ? 'limited' : status === 503 ? 'shed' : 'wrong']++
      },
    }
  })
  const { url, connections, until } = job
  const startedAt = performance.now()
  const ending = 'answers' in until ? { amount: until.answers } : { duration: until.seconds }
  const ended = Promise.withResolvers<Result>()
  let connected = 0
  const setupClient = (client: autocannon.Client) =>
    client.setRequests(dealtOut(requests, { connections, index: connected++ }))
  const options = { url, connections, ...ending, sampleInt: 250, setupClient }
  const load = autocannon(options, (error, result) => (error ? ended.reject(error) : ended.resolve(result)))
  load.on('response', (_client, _status, _bytes, ms) => latencyMicros.record(Math.max(1, Math.round(ms * 1_000))))
  const { errors, timeouts } = await ended.promise
  return {
    ...counts,
    failed: errors + timeouts,
    // autocannon looks only four times a second whether it is done.
    seconds: (answeredAt - startedAt) / 1_000,
    p50Ms: latencyMicros.percentile(50) / 1_000,
    p99Ms: latencyMicros.percentile(99) / 1_000,
  }
}

function dealtOut<Request>(requests: Request[], { connections, index }: { connections: number; index: number }) {
  if (requests.length >= connections) return requests.filter((_, position) => position % connections === index)
  const first = index % requests.length
  return [...requests.slice(first), ...requests.slice(0, first)]
}
