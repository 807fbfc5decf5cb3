import { appIds, MAX_CURVES, MAX_POINTS, MAX_RANGE_DAYS } from '@fanone/contracts/gateway'
import {
  type Dashboard,
  dashboardsOf,
  nameOfCurve,
  type Panel,
  panelId,
  withVariables,
} from '@fanone/monitoring/panels'
import { ServiceError } from '@fanone/service-kit'
import type { Prometheus, Range, Series } from './prometheus.ts'

const HOUR_SECONDS = 3_600
const MAX_RANGE_SECONDS = MAX_RANGE_DAYS * 24 * HOUR_SECONDS
/** A rate needs some scrapes, which are 15 s apart. */
const SHORTEST_RATE_SECONDS = 60
/** As many points as a small picture can show. */
const USUAL_POINTS = 120

const dashboards = dashboardsOf(appIds)
const panels = new Map(
  dashboards.flatMap((dashboard) =>
    dashboard.panels.map((panel): [string, Shown] => [panelId(dashboard, panel), { dashboard, panel }]),
  ),
)

interface Shown {
  dashboard: Dashboard
  panel: Panel
}

/** What a reader wants of a panel. */
export interface Wish {
  panel: string
  from?: string | undefined
  to?: string | undefined
  stepSeconds?: number | undefined
  app?: string | undefined
  instance?: string | undefined
}

/** All dashboards as a page lists them. */
export function listDashboards() {
  return dashboards.map((dashboard) => ({
    ...{ id: dashboard.id, title: dashboard.title, hasInstances: dashboard.hasInstances },
    panels: dashboard.panels.map((panel) => ({
      ...{ id: panelId(dashboard, panel), title: panel.title, description: panel.description, unit: panel.unit },
      threshold: panel.threshold ?? null,
      alert: panel.alert ?? null,
      isQuiet: panel.isQuiet ?? false,
    })),
  }))
}

/**
 * The curves of one panel. Only expressions of panels are asked, with values that are known.
 *
 * @throws ServiceError `not_found`, `invalid_input`, `monitoring_unavailable`
 */
export async function curvesOf(prometheus: Pick<Prometheus, 'over' | 'hasSeries'>, wish: Wish, now: Date) {
  const shown = panels.get(wish.panel)
  if (shown === undefined) throw new ServiceError('not_found')
  const { range, stepSeconds } = timesOf(wish, now)
  const variables = {
    ...(await variablesOf(prometheus, shown.dashboard, wish, range)),
    rateSeconds: Math.max(SHORTEST_RATE_SECONDS, stepSeconds),
  }
  const answers = await Promise.all(
    shown.panel.queries.map(async (query) => {
      const series = await prometheus.over(withVariables(query, variables), range, stepSeconds)
      return series.map((one) => toCurve(one, nameOfCurve(query, one.labels)))
    }),
  )
  const curves = answers.flat()
  return {
    from: new Date(range.fromSeconds * 1_000).toISOString(),
    to: new Date(range.toSeconds * 1_000).toISOString(),
    stepSeconds,
    curves: curves.slice(0, MAX_CURVES),
    omitted: Math.max(0, curves.length - MAX_CURVES),
  }
}

function timesOf({ from, to, stepSeconds }: Wish, now: Date): { range: Range; stepSeconds: number } {
  const toSeconds = to === undefined ? now.getTime() / 1_000 : Date.parse(to) / 1_000
  const fromSeconds = from === undefined ? toSeconds - HOUR_SECONDS : Date.parse(from) / 1_000
  const length = toSeconds - fromSeconds
  if (length <= 0) throw refused('from', 'must be before to')
  if (length > MAX_RANGE_SECONDS) throw refused('from', `must be at most ${MAX_RANGE_DAYS} days before to`)
  const step = stepSeconds ?? Math.max(1, Math.ceil(length / USUAL_POINTS))
  if (length / step > MAX_POINTS) throw refused('stepSeconds', `must give at most ${MAX_POINTS} points`)
  return { range: { fromSeconds, toSeconds }, stepSeconds: step }
}

/** An instance is known where it was watched in that time. */
async function variablesOf(
  prometheus: Pick<Prometheus, 'hasSeries'>,
  { hasInstances }: Dashboard,
  { app, instance }: Wish,
  range: Range,
): Promise<{ app: string; instance: string }> {
  if (!hasInstances && app !== undefined) throw refused('app', 'is no choice of this dashboard')
  if (!hasInstances && instance !== undefined) throw refused('instance', 'is no choice of this dashboard')
  if (instance !== undefined && !(await prometheus.hasSeries(`up{instance="${instance}"}`, range)))
    throw refused('instance', 'was not watched in this time')
  return { app: app ?? '.*', instance: instance?.replaceAll('.', '[.]') ?? '.*' }
}

function refused(path: string, message: string): ServiceError {
  return new ServiceError('invalid_input', { detail: `${path}: ${message}`, issues: [{ path, message }] })
}

/** JSON has no NaN, which Prometheus answers for 0/0. */
function toCurve({ labels, points }: Series, name: string) {
  const finite = points.map(([seconds, value]): [number, number | null] => [
    seconds,
    Number.isFinite(value) ? value : null,
  ])
  return { name, labels, points: finite }
}
