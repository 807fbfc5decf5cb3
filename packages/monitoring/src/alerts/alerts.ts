import type { Alert } from './alert.ts'

/** Of a hundred requests to the public API this many may fail in 30 days: 99.9 % are answered. */
const ERROR_BUDGET = 0.001

const requests = 'fanone_http_request_duration_seconds'

/** The share of public requests that failed in a window. */
function errorShare(window: string): string {
  const failed = `sum(rate(${requests}_count{app="gateway", status=~"5.."}[${window}]))`
  return `(${failed} / sum(rate(${requests}_count{app="gateway"}[${window}])))`
}

/**
 * Burning the budget so many times as fast as it lasts 30 days, now and for a while: the long
 * window says that it matters, the short one that it goes on (Google SRE workbook, chapter 5).
 */
function burns(factor: number, long: string, short: string): string {
  const limit = Number((factor * ERROR_BUDGET).toFixed(6))
  return `${errorShare(long)} > ${limit} and ${errorShare(short)} > ${limit}`
}

/** All alerts; each has a runbook of its name in docs/runbooks. */
export const alerts: readonly Alert[] = [
  {
    name: 'ErrorBudgetBurnsFast',
    expression: burns(14.4, '1h', '5m'),
    forSeconds: 120,
    severity: 'page',
    summary:
      'Two percent of the error budget of 30 days go in an hour: {{ $value | humanizePercentage }} of requests fail',
    dashboard: 'overview',
  },
  {
    name: 'ErrorBudgetBurnsSlowly',
    expression: burns(6, '6h', '30m'),
    forSeconds: 900,
    severity: 'ticket',
    summary: 'The error budget of 30 days is gone in five: {{ $value | humanizePercentage }} of requests fail',
    dashboard: 'overview',
  },
  {
    name: 'RequestsSlow',
    expression: `histogram_quantile(0.99, sum by (le) (rate(${requests}_bucket{app="gateway", method="GET", route!~"/media/.*|none"}[5m]))) > 1`,
    forSeconds: 600,
    severity: 'page',
    summary: 'One in a hundred readers waits {{ $value | humanizeDuration }} or longer',
    dashboard: 'overview',
  },
  {
    name: 'ConsumerLagGrows',
    expression:
      'fanone_consumer_lag{topic!~".*dead-letters"} > 100 and deriv(fanone_consumer_lag{topic!~".*dead-letters"}[10m]) > 0',
    forSeconds: 600,
    severity: 'page',
    summary: '{{ $labels.group }} falls behind on {{ $labels.topic }}: {{ $value }} events wait',
    dashboard: 'kafka',
  },
  {
    name: 'ConsumerStopped',
    expression: 'fanone_consumer_lag{topic!~".*dead-letters"} > 0 and on (group) fanone_consumer_members == 0',
    forSeconds: 120,
    severity: 'page',
    summary: 'Nobody takes the {{ $value }} events of {{ $labels.topic }} for {{ $labels.group }}',
    dashboard: 'kafka',
  },
  {
    name: 'OutboxStuck',
    expression: 'max by (app) (fanone_outbox_lag_seconds) > 60',
    forSeconds: 60,
    severity: 'page',
    summary: '{{ $labels.app }} has not published an event for {{ $value | humanizeDuration }}',
    dashboard: 'kafka',
  },
  {
    name: 'DeadLetters',
    // Sidecars make the topic before anything is in it, so its first letter is an increase, too.
    expression: 'sum by (topic) (increase(fanone_topic_messages{topic=~".*dead-letters"}[15m])) > 0',
    forSeconds: 0,
    severity: 'ticket',
    summary: 'Events that cannot be handled have come to {{ $labels.topic }}',
    dashboard: 'kafka',
  },
  {
    name: 'BreakerOpen',
    // It opens again after each try that fails; a half-open one only waits for the next call.
    expression: 'max by (app, target) (max_over_time(dapr_resiliency_cb_state{status="open"}[1m])) > 0',
    forSeconds: 60,
    severity: 'page',
    summary: '{{ $labels.app }} no longer calls {{ $labels.target }}, which fails too often',
    dashboard: 'dapr',
  },
  {
    name: 'SidecarDown',
    expression: 'up{job="sidecar"} == 0',
    forSeconds: 60,
    severity: 'page',
    summary: 'The sidecar of {{ $labels.app }} at {{ $labels.instance }} does not answer',
    dashboard: 'dapr',
  },
  {
    name: 'ServiceDown',
    expression: 'up{job="service"} == 0',
    forSeconds: 60,
    severity: 'page',
    summary: '{{ $labels.app }} at {{ $labels.instance }} does not answer',
    dashboard: 'overview',
  },
  {
    name: 'ServerDown',
    expression: 'up{job!~"service|sidecar"} == 0 or mysql_up == 0 or redis_up == 0',
    forSeconds: 60,
    severity: 'page',
    summary: '{{ $labels.job }} does not answer',
    dashboard: 'overview',
  },
  {
    name: 'CertificateEnds',
    expression: 'dapr_sentry_issuercert_expiry_timestamp - time() < 30 * 86400',
    forSeconds: 3_600,
    severity: 'ticket',
    summary: "Sentry's certificates end in {{ $value | humanizeDuration }}",
    dashboard: 'dapr',
  },
  {
    name: 'DiskFills',
    expression: 'node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs"} / node_filesystem_size_bytes < 0.1',
    forSeconds: 300,
    severity: 'page',
    summary: '{{ $value | humanizePercentage }} are left on {{ $labels.mountpoint }}',
    dashboard: 'overview',
  },
  {
    name: 'WorkerBehind',
    expression: 'max by (app, worker) (fanone_worker_failures) >= 3',
    forSeconds: 300,
    severity: 'ticket',
    summary: '{{ $labels.worker }} of {{ $labels.app }} has failed {{ $value }} times in a row',
    dashboard: 'node',
  },
  {
    name: 'MediaQueueOld',
    expression: 'max(fanone_video_media_queue_age_seconds) > 1800',
    forSeconds: 300,
    severity: 'ticket',
    summary: 'A video has waited {{ $value | humanizeDuration }} for its renditions',
    dashboard: 'media',
  },
]
