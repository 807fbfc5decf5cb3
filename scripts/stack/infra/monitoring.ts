import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderTargets } from '@fanone/monitoring'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeHttp } from '../probe-http.ts'
import { renderText } from '../rendered.ts'
import type { Secrets } from '../secrets.ts'
import { type Settings, stackPaths } from '../settings.ts'
import { MONITORING_ACCOUNT } from './mysql.ts'

const monitoring = join(import.meta.dirname, '../../../packages/monitoring')
const generated = join(monitoring, 'generated/prometheus')
const lagProgram = join(monitoring, 'src/lag/main.ts')

/** Bounds the disk that metrics take; the oldest go first. */
const RETENTION_SIZE = '512MB'

/** The collectors whose values a panel or an alert reads. */
const nodeCollectors = ['cpu', 'diskstats', 'filefd', 'filesystem', 'loadavg', 'meminfo', 'netdev', 'pressure', 'stat']

/** Collectors of MySQL's exporter whose statements an account without a grant may not make. */
const needingGrants = [
  'slave_status',
  'info_schema.innodb_cmp',
  'info_schema.innodb_cmpmem',
  'info_schema.query_response_time',
]

/** Writes copies of the generated files with this stack's ports. */
export function renderMonitoringFiles(settings: Settings): void {
  const folder = configFolder(settings)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(generated))
    writeFileSync(join(folder, name), renderText(readFileSync(join(generated, name), 'utf8'), settings))
}

/** Tells Prometheus, which watches the files, the instances that run. */
export function writeTargets(settings: Settings, manifest: Manifest, instancesOf: (appId: string) => number): void {
  const services = manifest.apps.map(({ appId, ports }) => ({ appId, port: ports.app }))
  for (const [name, text] of Object.entries(renderTargets(services, instancesOf))) {
    const file = join(configFolder(settings), name)
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
}

/** Prometheus and the exporters of those parts that cannot be scraped themselves. */
export function monitoringParts(settings: Settings, manifest: Manifest, secrets: Secrets): Part[] {
  const { monitoringPorts: ports, serverPorts } = manifest
  const program = (name: string, port: number, options: Options) => monitoringPart(settings, { name, port, ...options })
  const listen = (port: number) => `--web.listen-address=127.0.0.1:${port}`
  return [
    program('prometheus', ports.prometheus, {
      command: 'prometheus',
      args: [
        listen(ports.prometheus),
        `--config.file=${join(configFolder(settings), 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(stackPaths(settings).data, 'prometheus')}`,
        `--storage.tsdb.retention.size=${RETENTION_SIZE}`,
        '--enable-feature=exemplar-storage',
        '--log.level=warn',
        '--log.format=json',
      ],
      health: '/-/ready',
    }),
    program('alertmanager', ports.alertmanager, {
      command: 'prometheus-alertmanager',
      args: [
        listen(ports.alertmanager),
        `--config.file=${join(configFolder(settings), 'alertmanager.yml')}`,
        `--storage.path=${join(stackPaths(settings).data, 'alertmanager')}`,
        // Alone: there is no other to gossip with.
        '--cluster.listen-address=',
        '--log.level=warn',
        '--log.format=json',
      ],
      health: '/-/ready',
    }),
    program('node-exporter', ports.nodeExporter, {
      command: 'prometheus-node-exporter',
      args: [
        listen(ports.nodeExporter),
        '--collector.disable-defaults',
        ...nodeCollectors.map((name) => `--collector.${name}`),
        '--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys)($|/)',
      ],
    }),
    program('mysql-exporter', ports.mysqlExporter, {
      command: 'prometheus-mysqld-exporter',
      args: [listen(ports.mysqlExporter), ...needingGrants.map((collector) => `--no-collect.${collector}`)],
      env: {
        DATA_SOURCE_NAME: `${MONITORING_ACCOUNT}:${secrets['mysql-password-monitoring']}@(127.0.0.1:${serverPorts.mysql})/`,
      },
    }),
    program('redis-exporter', ports.redisExporter, {
      command: 'prometheus-redis-exporter',
      args: [listen(ports.redisExporter), '-redis-only-metrics'],
      env: {
        REDIS_ADDR: `redis://127.0.0.1:${serverPorts.redis}`,
        REDIS_PASSWORD: secrets['redis-password'] ?? '',
      },
    }),
    program('lag-exporter', ports.lagExporter, {
      command: process.execPath,
      args: ['--max-semi-space-size=1', '--max-old-space-size=64', lagProgram],
      env: {
        LAG_PORT: String(ports.lagExporter),
        KAFKA_BROKERS: `127.0.0.1:${serverPorts.kafka}`,
        CONSUMER_GROUPS: manifest.apps.map(({ appId }) => appId).join(),
        NODE_OPTIONS: '',
      },
    }),
  ]
}

interface Options {
  command: string
  args: readonly string[]
  env?: Record<string, string>
  /** The path that answers 200 where the program is well. */
  health?: string
}

function monitoringPart(settings: Settings, options: Options & { name: string; port: number }): Part {
  const { name, port, command, args, env = {}, health = '/' } = options
  return {
    name,
    kind: 'infra',
    command,
    args,
    cwd: stackPaths(settings).run,
    env,
    ports: { http: port },
    graceMs: 5_000,
    probe: () => probeHttp(`http://127.0.0.1:${port}${health}`, 200),
  }
}

const configFolder = (settings: Settings) => join(stackPaths(settings).run, 'prometheus')
