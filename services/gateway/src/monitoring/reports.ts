import { type ErrorCode, errorCatalogue } from '@fanone/contracts'
import { appIds } from '@fanone/contracts/gateway'
import type { Prometheus } from './prometheus.ts'

/** Errors of one kind that are shown with the ids of their traces. */
const MAX_EXAMPLES = 5

type Asked = Pick<Prometheus, 'now'>

/** What runs where, and the services whose instances are not all alike. */
export async function versionsOf(prometheus: Asked) {
  const samples = await prometheus.now('fanone_build_info')
  const items = samples
    .map(({ labels: { app = '', instance = '', release = '', configuration = '' } }) => ({
      ...{ app, instance, release, configuration },
    }))
    .filter(({ app }) => appIds.includes(app))
    .toSorted((a, b) => `${a.app} ${a.instance}`.localeCompare(`${b.app} ${b.instance}`))
  const differing = [...Map.groupBy(items, ({ app }) => app)].flatMap(([app, instances]) =>
    (['release', 'configuration'] as const)
      .filter((what) => new Set(instances.map((instance) => instance[what])).size > 1)
      .map((what) => ({ app, in: what })),
  )
  return { items, differing }
}

/** What waits for each group, the most first. */
export async function lagOf(prometheus: Asked) {
  const [lags, counts] = await Promise.all([
    prometheus.now('max by (group, topic) (fanone_consumer_lag)'),
    prometheus.now('max by (group) (fanone_consumer_members)'),
  ])
  const members = new Map(counts.map(({ labels, value }) => [labels.group, value]))
  const items = lags.map(({ labels: { group = '', topic = '' }, value }) => ({
    ...{ group, topic, lag: value, members: members.get(group) ?? null },
  }))
  return items.toSorted((a, b) => b.lag - a.lag || `${a.group} ${a.topic}`.localeCompare(`${b.group} ${b.topic}`))
}

/** Which errors are asked for. */
export interface ErrorWish {
  minutes: number
  app?: string | undefined
  kind: 'failure' | 'refusal'
}

/**
 * Errors by service, route and code. What they were is counted, and what the scrapes remember of
 * each is the id of its trace: logs and traces of a cluster are kept elsewhere, metrics are not.
 */
export async function errorsOf(prometheus: Pick<Prometheus, 'now' | 'exemplars'>, wish: ErrorWish, now: Date) {
  const codes = codesOf(wish.kind)
  const selector = `fanone_failures_total{app=~"${wish.app ?? '.*'}", code=~"${codes.join('|')}"}`
  const toSeconds = now.getTime() / 1_000
  const range = { fromSeconds: toSeconds - wish.minutes * 60, toSeconds }
  // What began in that time had no count before it: an increase would miss its first.
  const before = `(sum by (app, route, code) (${selector} offset ${wish.minutes}m) or ${zeroOf(selector)})`
  const grown = `sum by (app, route, code) (increase(${selector}[${wish.minutes}m]))`
  const begun = `sum by (app, route, code) (${selector}) - ${before}`
  const [increases, beginnings, exemplars] = await Promise.all([
    prometheus.now(grown),
    prometheus.now(begun),
    prometheus.exemplars(selector, range),
  ])
  const examples = Map.groupBy(exemplars, ({ labels }) => keyOf(labels))
  const counts = new Map(increases.map(({ labels, value }) => [keyOf(labels), value]))
  return beginnings
    .map(({ labels, value }) => {
      const { app = '', route = '', code = '' } = labels
      const found = examples.get(keyOf(labels)) ?? []
      return {
        ...{ app, route, code, status: errorCatalogue[code as ErrorCode].status },
        count: Math.round(Math.max(value, counts.get(keyOf(labels)) ?? 0)),
        examples: found.slice(0, MAX_EXAMPLES).map(({ atSeconds, traceId }) => ({
          at: new Date(atSeconds * 1_000).toISOString(),
          traceId,
        })),
      }
    })
    .filter(({ count, examples }) => count > 0 || examples.length > 0)
    .toSorted((a, b) => b.count - a.count)
}

const zeroOf = (selector: string) => `0 * sum by (app, route, code) (${selector})`
const keyOf = ({ app, route, code }: Record<string, string>) => `${app} ${route} ${code}`

function codesOf(kind: ErrorWish['kind']): string[] {
  const entries = Object.entries(errorCatalogue).filter(([, { status }]) => status >= 500 === (kind === 'failure'))
  return entries.map(([code]) => code)
}
