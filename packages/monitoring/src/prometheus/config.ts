import { stringify } from 'yaml'
import { monitoringPorts, onLoopback } from '../ports.ts'

/** Sentry's metrics, two ports after its own. */
const SENTRY_METRICS = 7008

/** Drops what nothing shows or judges: exporters bring thousands of series. */
const keep = (names: readonly string[]) => ({ source_labels: ['__name__'], regex: names.join('|'), action: 'keep' })
const drop = (...names: string[]) => ({ source_labels: ['__name__'], regex: names.join('|'), action: 'drop' })

/** Latency is judged by what was done; of refusals and failures the count is enough. */
const dropBucketsOfRefusals = {
  source_labels: ['__name__', 'status'],
  regex: 'fanone_(http_request|invocation)_duration_seconds_bucket;[^2].*',
  action: 'drop',
}

const mysqlMetrics = [
  'mysql_(up|version_info)',
  'mysql_global_status_(aborted_clients|aborted_connects|connections|queries|questions|slow_queries)',
  'mysql_global_status_(threads_connected|threads_running|uptime|bytes_received|bytes_sent|created_tmp_disk_tables)',
  'mysql_global_status_innodb_(row_lock_.*|deadlocks|buffer_pool_(reads|read_requests|wait_free)|data_fsyncs)',
  'mysql_global_status_(innodb_history_list_length|commands_total|buffer_pool_pages)',
  'mysql_global_variables_(max_connections|innodb_buffer_pool_size)',
]

const redisMetrics = [
  'redis_(up|instance_info|uptime_in_seconds|connected_clients|blocked_clients|rejected_connections_total)',
  'redis_(memory_used_bytes|memory_used_rss_bytes|memory_max_bytes|mem_fragmentation_ratio)',
  'redis_(commands_total|commands_duration_seconds_total|commands_processed_total)',
  'redis_(keyspace_hits_total|keyspace_misses_total|db_keys|evicted_keys_total|expired_keys_total)',
  'redis_(aof_last_write_status|aof_current_size_bytes|latency_spike_last|slowlog_length|cpu_.*_seconds_total)',
  'redis_net_(input|output)_bytes_total',
]

/** Sizes, and latencies of what no request waits for. */
const sidecarHistograms = [
  'dapr_http_.*_bytes_bucket',
  'dapr_http_healthprobes_roundtrip_latency_bucket',
  'dapr_component_secret_latencies_bucket',
]

/** prometheus.yml: what is scraped, how often, and what is kept of it. */
export function renderPrometheusConfig(): string {
  const { prometheus, alertmanager, nodeExporter, mysqlExporter, redisExporter, kafkaExporter, lagExporter } =
    monitoringPorts
  return stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    // In memory, of all series together; 2 MB.
    storage: { exemplars: { max_exemplars: 20_000 } },
    rule_files: ['rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [onLoopback(alertmanager)] }] }] },
    scrape_configs: [
      fromFile('service', 'services.yml', [dropBucketsOfRefusals]),
      fromFile('sidecar', 'sidecars.yml', [drop('go_.*', ...sidecarHistograms)]),
      fixed('sentry', SENTRY_METRICS, [drop('go_.*')]),
      fixed('kafka', kafkaExporter),
      fixed('lag', lagExporter),
      fixed('mysql', mysqlExporter, [keep(mysqlMetrics)]),
      fixed('redis', redisExporter, [keep(redisMetrics)]),
      fixed('node', nodeExporter, [drop('go_.*', 'promhttp_.*')]),
      fixed('alertmanager', alertmanager, [drop('go_.*', '.*_bucket')]),
      fixed('prometheus', prometheus, [drop('go_.*', 'net_conntrack_.*', '.*_bucket')]),
    ],
  })
}

interface Relabelling {
  source_labels: string[]
  regex: string
  action: string
}

function fromFile(job_name: string, file: string, relabelling: Relabelling[]) {
  return { job_name, file_sd_configs: [{ files: [file] }], metric_relabel_configs: relabelling }
}

function fixed(job_name: string, port: number, relabelling: Relabelling[] = []) {
  return {
    job_name,
    static_configs: [{ targets: [onLoopback(port)] }],
    ...(relabelling.length > 0 && { metric_relabel_configs: relabelling }),
  }
}
