import { type Dashboard, quantile, query, rate } from './panel.ts'

const chosen = 'app=~"$app", instance=~"$instance"'

export const node: Dashboard = {
  id: 'node',
  title: 'Node',
  hasInstances: true,
  panels: [
    {
      title: 'Event loop delay, 99 of 100',
      description: 'How late timers are: what every request waits at each step.',
      unit: 's',
      queries: [query(`max by (app) (nodejs_eventloop_lag_p99_seconds{${chosen}})`, '{{app}}')],
      threshold: 0.1,
    },
    {
      title: 'Time in garbage collection',
      description: 'Share of the time.',
      unit: 'percentunit',
      queries: [rate(`nodejs_gc_duration_seconds_sum{${chosen}}`, 'app')],
    },
    {
      title: 'Heap',
      description: 'In use; what only grows is a leak.',
      unit: 'bytes',
      queries: [query(`max by (app) (nodejs_heap_size_used_bytes{${chosen}})`, '{{app}}')],
    },
    {
      title: 'Memory of the process',
      description: 'Resident.',
      unit: 'bytes',
      queries: [query(`max by (app) (process_resident_memory_bytes{job="service", ${chosen}})`, '{{app}}')],
    },
    {
      title: 'Handles',
      description: 'Sockets, timers and files that are open.',
      unit: 'short',
      queries: [query(`max by (app) (nodejs_active_handles_total{${chosen}})`, '{{app}}')],
    },
    {
      title: 'Failing workers',
      description: 'Runs that have failed one after the other.',
      unit: 'short',
      queries: [query(`max by (app, worker) (fanone_worker_failures{${chosen}})`, '{{app}} {{worker}}')],
      threshold: 3,
      alert: 'WorkerBehind',
    },
  ],
}

export const dapr: Dashboard = {
  id: 'dapr',
  title: 'Dapr',
  hasInstances: true,
  panels: [
    {
      title: 'Calls between services',
      description: 'From whom to whom.',
      unit: 'reqps',
      queries: [rate(`fanone_invocation_duration_seconds_count{${chosen}}`, 'app, callee', '{{app}} → {{callee}}')],
    },
    {
      title: 'Time of calls, 99 of 100',
      description: 'As the caller sees it, two sidecars included.',
      unit: 's',
      queries: [quantile(0.99, 'fanone_invocation_duration_seconds', chosen, 'app, callee')],
    },
    {
      title: 'Failed calls',
      description: 'By operation and status.',
      unit: 'reqps',
      queries: [
        rate(
          `fanone_invocation_duration_seconds_count{${chosen}, status!~"2.."}`,
          'app, callee, operation, status',
          '{{app}} → {{callee}} {{operation}} {{status}}',
        ),
      ],
      isQuiet: true,
    },
    {
      title: 'Open breakers',
      description: 'Callers that have given up on a callee for now.',
      unit: 'short',
      queries: [
        query('max by (app, target) (dapr_resiliency_cb_state{app=~"$app", status="open"})', '{{app}} → {{target}}'),
      ],
      threshold: 1,
      alert: 'BreakerOpen',
      isQuiet: true,
    },
    {
      title: 'Policies at work',
      description: 'Retries, timeouts and breakers after a failure.',
      unit: 'ops',
      queries: [
        rate('dapr_resiliency_activations_total{app=~"$app"}', 'app, policy, target', '{{app}} {{policy}} {{target}}'),
      ],
      isQuiet: true,
    },
    {
      title: 'Refused by access lists',
      description: 'Calls that no declaration allows: a mistake, or somebody inside.',
      unit: 'ops',
      queries: [rate('{__name__=~"dapr_runtime_acl.*blocked.*", app=~"$app"}', 'app')],
      isQuiet: true,
    },
    {
      title: 'Memory of sidecars',
      description: 'Resident.',
      unit: 'bytes',
      queries: [query('max by (app) (process_resident_memory_bytes{job="sidecar", app=~"$app"})', '{{app}}')],
    },
    {
      title: 'Certificates end',
      description: 'Of Sentry; a start renews them when less than 60 days are left.',
      unit: 'dateTimeFromNow',
      queries: [query('dapr_sentry_issuercert_expiry_timestamp * 1000', 'end')],
      alert: 'CertificateEnds',
    },
  ],
}
