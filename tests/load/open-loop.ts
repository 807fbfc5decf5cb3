import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

/** A load whose requests begin when the plan says, however long earlier ones take. */
export interface OpenLoop {
  ratePerSecond: number
  durationMs: number
  /** Makes request number `index`. @returns what came of it, in a word: `200`, `503`, `timeout` */
  send: (index: number) => Promise<string>
}

/**
 * What came of an open loop. Latencies in ms, from when a request was due: time that it waited to
 * be sent counts.
 */
export interface OpenLoopResult {
  /** Latencies by outcome, in order of arrival. */
  latenciesMs: ReadonlyMap<string, readonly number[]>
  /** From the first request to the last answer. */
  elapsedMs: number
  count(outcome: string): number
  /** Answers with this outcome for each second of the plan. */
  perSecond(outcome: string): number
  /** How many answers there were of each outcome. */
  tally(): Record<string, number>
}

/**
 * Sends requests by the clock. A closed loop slows down together with the server and so measures
 * only its quick moments (coordinated omission); this one does not.
 */
export async function runOpenLoop({ ratePerSecond, durationMs, send }: OpenLoop): Promise<OpenLoopResult> {
  const latenciesMs = new Map<string, number[]>()
  const total = Math.round((ratePerSecond * durationMs) / 1_000)
  const startedAt = performance.now()
  const dueAt = (index: number) => startedAt + (index * 1_000) / ratePerSecond
  const running: Promise<void>[] = []
  const begin = async (index: number) => {
    const outcome = await send(index).catch((error: Error) => error.name)
    const latencyMs = performance.now() - dueAt(index)
    const known = latenciesMs.get(outcome)
    if (known) known.push(latencyMs)
    else latenciesMs.set(outcome, [latencyMs])
  }
  for (let next = 0; next < total; await delay(2)) {
    while (next < total && dueAt(next) <= performance.now()) running.push(begin(next++))
  }
  await Promise.all(running)
  const count = (outcome: string) => latenciesMs.get(outcome)?.length ?? 0
  return {
    latenciesMs,
    elapsedMs: performance.now() - startedAt,
    count,
    perSecond: (outcome) => (count(outcome) * 1_000) / durationMs,
    tally: () => Object.fromEntries([...latenciesMs].map(([outcome, all]) => [outcome, all.length])),
  }
}

/** @param share 0.99 for the 99th percentile. @returns 0 where there is nothing */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export interface HttpLoad {
  /** Scheme, host and port. */
  origin: string
  timeoutMs: number
  /** Sockets at most; a request waits for one, and that counts. */
  connections?: number
}

export interface HttpRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  headers?: Record<string, string>
  body?: string
  /** Whether a 2xx is right; one that is not has the outcome `wrong`. */
  isRight?: (body: string) => boolean
}

/**
 * Sends HTTP requests as cheaply as may be: the machine is shared with what is measured. The
 * outcome is the status, `wrong`, `timeout` or the code of an error; a refusal that does not say
 * when to come back is `429 bare` or `503 bare`. Close it at the end.
 */
export function httpLoad({ origin, timeoutMs, connections = 512 }: HttpLoad) {
  const pool = new Pool(origin, { connections, pipelining: 1 })
  const send = async ({ method = 'GET', path, headers = {}, body, isRight }: HttpRequest): Promise<string> => {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await pool.request({ method, path, headers, signal, ...(body === undefined ? {} : { body }) })
      const text = await answer.body.text()
      const isBare = /^(429|503)$/.test(String(answer.statusCode)) && answer.headers['retry-after'] === undefined
      if (isBare) return `${answer.statusCode} bare`
      const isWrong = answer.statusCode < 300 && isRight?.(text) === false
      return isWrong ? 'wrong' : String(answer.statusCode)
    } catch (error) {
      if (signal.aborted) return 'timeout'
      return (error as { code?: string }).code ?? (error as Error).name
    }
  }
  return { send, close: () => pool.destroy() }
}
