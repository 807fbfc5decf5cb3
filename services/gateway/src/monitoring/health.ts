import type { Prometheus, Sample } from './prometheus.ts'

/** How far back a part that is down is looked for. */
const LOOK_BACK = '6h'

/** What says of a server that it answers, where its exporter answers for it. */
const OWN_STATE = { mysql: 'mysql_up', redis: 'redis_up' } as const
const stateNames = ['up', ...Object.values(OWN_STATE)].join('|')

/** When a part started, or for how long it has run. */
const START = 'process_start_time_seconds'
const UPTIMES = ['mysql_global_status_uptime', 'redis_uptime_in_seconds'] as const

/** Metrics whose labels name a version, with the label. */
const VERSIONS: Readonly<Record<string, string>> = {
  fanone_build_info: 'release',
  kafka_release: 'version',
  mysql_version_info: 'version',
  redis_instance_info: 'redis_version',
  prometheus_build_info: 'version',
  alertmanager_build_info: 'version',
  node_exporter_build_info: 'version',
}

/** One part that is watched. */
interface PartHealth {
  kind: string
  app: string | null
  instance: string
  state: 'up' | 'down'
  since: string | null
  version: string | null
}

/** @throws ServiceError `monitoring_unavailable` */
export async function healthOf(prometheus: Pick<Prometheus, 'now'>, now: Date): Promise<PartHealth[]> {
  const nowSeconds = now.getTime() / 1_000
  const [states, starts, versions, lastSeen] = await Promise.all([
    prometheus.now(`{__name__=~"${stateNames}"}`),
    prometheus.now(`{__name__=~"${[START, ...UPTIMES].join('|')}"}`),
    prometheus.now(`{__name__=~"${Object.keys(VERSIONS).join('|')}"}`),
    prometheus.now(lastSeenUp()),
  ])
  const startOf = new Map(starts.map((sample) => [keyOf(sample), startedAt(sample, nowSeconds)]))
  const versionOf = new Map(versions.map((sample) => [keyOf(sample), versionIn(sample)]))
  const seenOf = new Map(lastSeen.map((sample) => [keyOf(sample), sample.value]))
  const ownStates = new Map(states.filter(isOwnState).map((sample) => [keyOf(sample), sample.value]))
  return states
    .filter((sample) => !isOwnState(sample))
    .map((sample) => {
      const key = keyOf(sample)
      const isUp = sample.value === 1 && ownStates.get(key) !== 0
      const since = isUp ? startOf.get(key) : seenOf.get(key)
      return {
        kind: sample.labels.job ?? '',
        app: sample.labels.app ?? null,
        instance: sample.labels.instance ?? '',
        state: isUp ? ('up' as const) : ('down' as const),
        since: since === undefined ? null : new Date(since * 1_000).toISOString(),
        version: versionOf.get(key) ?? null,
      }
    })
    .toSorted((a, b) => rankOf(a).localeCompare(rankOf(b)))
}

/** When what is down was seen up last: as its exporter said where it has one, else as scraped. */
function lastSeenUp(): string {
  const own = Object.entries(OWN_STATE).map(
    ([job, metric]) => `max_over_time(timestamp(${metric}{job="${job}"} == 1)[${LOOK_BACK}:30s])`,
  )
  const jobs = Object.keys(OWN_STATE).join('|')
  return [...own, `max_over_time(timestamp(up{job!~"${jobs}"} == 1)[${LOOK_BACK}:30s])`].join(' or ')
}

const isOwnState = ({ labels }: Sample) => labels.__name__ !== 'up'
const keyOf = ({ labels }: Sample) => `${labels.job} ${labels.instance}`
const rankOf = ({ kind, app, instance }: PartHealth) => `${app === null ? 1 : 0} ${app} ${kind} ${instance}`

function startedAt({ labels, value }: Sample, nowSeconds: number): number {
  return labels.__name__ === START ? value : nowSeconds - value
}

function versionIn({ labels }: Sample): string | null {
  return labels[VERSIONS[labels.__name__ ?? ''] ?? ''] ?? null
}
