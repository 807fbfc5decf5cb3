/** One curve, or several that a label tells apart. */
export interface Query {
  /** PromQL; `$app` and `$instance` are regular expressions, `$__rate_interval` a window. */
  expression: string
  /** Grafana's template of the name, such as `{{app}}`. */
  legend: string
}

/** Grafana's names of units. */
type Unit = 's' | 'ms' | 'bytes' | 'Bps' | 'reqps' | 'ops' | 'percentunit' | 'short' | 'dateTimeFromNow'

export interface Panel {
  title: string
  /** What it says and when to worry, in a sentence. */
  description: string
  unit: Unit
  queries: readonly Query[]
  /** From here on it is red. */
  threshold?: number
  /** The alert that judges the same, whose runbook the panel links to. */
  alert?: string
  /** Empty as long as all is well, so that an empty answer is no mistake. */
  isQuiet?: boolean
}

export interface Dashboard {
  /** Behind `fanone-` in its address. */
  id: string
  title: string
  /** Whether the reader chooses services and instances. */
  hasInstances: boolean
  panels: readonly Panel[]
}

export const query = (expression: string, legend = ''): Query => ({ expression, legend })

/** A rate by labels. */
export const rate = (metric: string, by: string, legend = `{{${by}}}`): Query =>
  query(`sum by (${by}) (rate(${metric}[$__rate_interval]))`, legend)

/** A quantile of a histogram by labels; the name of the metric is without `_bucket`. */
export function quantile(share: number, metric: string, selector: string, by: string): Query {
  const buckets = `sum by (le, ${by}) (rate(${metric}_bucket{${selector}}[$__rate_interval]))`
  return query(
    `histogram_quantile(${share}, ${buckets})`,
    by
      .split(', ')
      .map((label) => `{{${label}}}`)
      .join(' '),
  )
}

/** What a reader has chosen; regular expressions, as Grafana's own variables are. */
export interface Variables {
  app: string
  instance: string
  /** How far a rate looks back, in seconds. */
  rateSeconds: number
}

/** The expression as Prometheus takes it. */
export function withVariables({ expression }: Query, { app, instance, rateSeconds }: Variables): string {
  return expression
    .replaceAll('$app', app)
    .replaceAll('$instance', instance)
    .replaceAll('$__rate_interval', `${rateSeconds}s`)
}

/** What a legend calls a curve with these labels. */
export function nameOfCurve({ legend }: Query, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{(.+?)\}\}/g, (_all, label: string) => labels[label.trim()] ?? '').trim()
}

/** Names a panel among all dashboards, as long as its title stays: `overview.errors`. */
export const panelId = (dashboard: Pick<Dashboard, 'id'>, { title }: Pick<Panel, 'title'>): string =>
  `${dashboard.id}.${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
