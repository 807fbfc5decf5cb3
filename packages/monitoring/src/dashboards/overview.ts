import { type Dashboard, type Panel, quantile, query, rate } from './panel.ts'

const requests = 'fanone_http_request_duration_seconds'
const chosen = 'app=~"$app", instance=~"$instance"'

/** How a service answers: the panels of its own page, and those of all services. */
export const answers: readonly Panel[] = [
  {
    title: 'Requests',
    description: 'Requests and calls answered in a second.',
    unit: 'reqps',
    queries: [rate(`${requests}_count{${chosen}}`, 'app')],
  },
  {
    title: 'Errors',
    description: 'The share that failed for a reason of ours (5xx). The budget is 0.1 % of public requests.',
    unit: 'percentunit',
    queries: [
      query(
        `sum by (app) (rate(${requests}_count{${chosen}, status=~"5.."}[$__rate_interval])) / sum by (app) (rate(${requests}_count{${chosen}}[$__rate_interval]))`,
        '{{app}}',
      ),
    ],
    threshold: 0.001,
    alert: 'ErrorBudgetBurnsFast',
    isQuiet: true,
  },
  {
    title: 'Latency, 99 of 100',
    description: 'Of what succeeded, by service.',
    unit: 's',
    queries: [quantile(0.99, requests, chosen, 'app')],
    threshold: 1,
    alert: 'RequestsSlow',
  },
  {
    title: 'Latency by route, 95 of 100',
    description: 'Which route is slow.',
    unit: 's',
    queries: [quantile(0.95, requests, chosen, 'app, route')],
  },
  {
    title: 'Refusals and errors by code',
    description: 'What clients are told, by error code; a sudden one is a mistake of theirs or an attack.',
    unit: 'ops',
    queries: [rate(`fanone_failures_total{${chosen}}`, 'app, code', '{{app}} {{code}}')],
  },
  {
    title: 'CPU',
    description: 'Cores in use by the process. One is the most that a service can use well.',
    unit: 'short',
    queries: [rate(`process_cpu_seconds_total{job="service", ${chosen}}`, 'app')],
    threshold: 0.9,
  },
]

export const overview: Dashboard = {
  id: 'overview',
  title: 'Overview',
  hasInstances: true,
  panels: [
    {
      title: 'Parts that do not answer',
      description: 'Everything that is scraped and does not answer.',
      unit: 'short',
      queries: [query('count by (job, app) (up == 0)', '{{job}} {{app}}')],
      threshold: 1,
      alert: 'ServiceDown',
      isQuiet: true,
    },
    ...answers,
    {
      title: 'Shed',
      description: 'Requests that the gateway refuses because too much is going on.',
      unit: 'reqps',
      queries: [rate('fanone_shed_requests_total', 'reason')],
      isQuiet: true,
    },
    {
      title: 'CPU of the machine',
      description: 'Share in use.',
      unit: 'percentunit',
      queries: [query('1 - avg(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))', 'in use')],
      threshold: 0.9,
    },
    {
      title: 'Memory of the machine',
      description: 'What programs could still have.',
      unit: 'bytes',
      queries: [query('node_memory_MemAvailable_bytes', 'available')],
    },
    {
      title: 'Disk left',
      description: 'Share of each disk that is free.',
      unit: 'percentunit',
      queries: [
        query('node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs"} / node_filesystem_size_bytes', '{{mountpoint}}'),
      ],
      alert: 'DiskFills',
    },
  ],
}
