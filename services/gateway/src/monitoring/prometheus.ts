import { ServiceError } from '@fanone/service-kit'
import { z } from 'zod'

const TIMEOUT_MS = 5_000
/** Prometheus gives up before we do, so that a costly query does not go on for nobody. */
const SERVER_TIMEOUT = '4s'

const Labels = z.record(z.string(), z.string())
const Point = z.tuple([z.number(), z.string()])
const Vector = z.object({ result: z.array(z.object({ metric: Labels, value: Point })) })
const Matrix = z.object({ result: z.array(z.object({ metric: Labels, values: z.array(Point) })) })
const Exemplars = z.array(
  z.object({
    seriesLabels: Labels,
    exemplars: z.array(z.object({ labels: Labels, value: z.string(), timestamp: z.number() })),
  }),
)

export type Sample = { labels: Record<string, string>; value: number }
export type Series = { labels: Record<string, string>; points: [seconds: number, value: number][] }
/** One request that a counter or a bucket remembers. */
export type Exemplar = { labels: Record<string, string>; traceId: string; atSeconds: number }

/** Between two times, in Unix seconds. */
export interface Range {
  fromSeconds: number
  toSeconds: number
}

/**
 * Asks Prometheus. Every function throws ServiceError `monitoring_unavailable` where it is not
 * configured, does not answer in time or refuses.
 */
export class Prometheus {
  readonly #address: string | undefined

  /** @param options.address host:port; without it nothing watches the installation */
  constructor(options: { address: string | undefined }) {
    this.#address = options.address
  }

  /** What an expression is now. */
  async now(expression: string): Promise<Sample[]> {
    const { result } = Vector.parse(await this.#ask('query', { query: expression, timeout: SERVER_TIMEOUT }))
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  /** What an expression was over a time. */
  async over(expression: string, { fromSeconds, toSeconds }: Range, stepSeconds: number): Promise<Series[]> {
    const range = { start: String(fromSeconds), end: String(toSeconds), step: String(stepSeconds) }
    const { result } = Matrix.parse(
      await this.#ask('query_range', { query: expression, ...range, timeout: SERVER_TIMEOUT }),
    )
    return result.map(({ metric, values }) => ({
      labels: metric,
      points: values.map(([seconds, value]) => [seconds, Number(value)]),
    }))
  }

  /** Whether there were series of a selector in a time. */
  async hasSeries(selector: string, { fromSeconds, toSeconds }: Range): Promise<boolean> {
    const range = { start: String(fromSeconds), end: String(toSeconds) }
    return z.array(Labels).parse(await this.#ask('series', { 'match[]': selector, ...range })).length > 0
  }

  /** The exemplars of a selector in a time, the newest first. */
  async exemplars(selector: string, { fromSeconds, toSeconds }: Range): Promise<Exemplar[]> {
    const range = { start: String(fromSeconds), end: String(toSeconds) }
    const answer = Exemplars.parse(await this.#ask('query_exemplars', { query: selector, ...range }))
    return answer
      .flatMap(({ seriesLabels, exemplars }) =>
        exemplars.map(({ labels, timestamp }) => ({
          labels: seriesLabels,
          traceId: labels.trace_id ?? '',
          atSeconds: timestamp,
        })),
      )
      .toSorted((a, b) => b.atSeconds - a.atSeconds)
  }

  async #ask(path: string, parameters: Record<string, string>): Promise<unknown> {
    if (this.#address === undefined) throw unavailable('No Prometheus is configured (PROMETHEUS_ADDRESS)')
    const url = `http://${this.#address}/api/v1/${path}?${new URLSearchParams(parameters)}`
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      .then((response) => response.json() as Promise<{ status?: string; error?: string; data?: unknown }>)
      .catch((cause) => {
        throw unavailable('Prometheus does not answer', cause)
      })
    if (answer.status === 'success') return answer.data
    throw unavailable('Prometheus cannot answer this', new Error(`${path}: ${answer.error}`))
  }
}

function unavailable(detail: string, cause?: unknown): ServiceError {
  return new ServiceError('monitoring_unavailable', { detail, cause })
}
