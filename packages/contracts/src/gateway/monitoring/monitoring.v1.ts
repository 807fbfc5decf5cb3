import { z } from 'zod'
import { Instant } from '../../common.ts'
import { serviceContracts } from '../../services.ts'
import { decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'

/** Every service by its app id: those that others call, and the edge. */
export const appIds = ['gateway', ...Object.keys(serviceContracts)] as ['gateway', ...string[]]
const AppId = z.enum(appIds)

const ofOperators = { tag: 'ops', access: 'operator', method: 'GET', rateLimit: rateLimits.read } as const
/** Answered from Prometheus, which an installation may do without. */
const fromPrometheus = { ...ofOperators, errors: ['monitoring_unavailable'] } as const

/** Longest time that a panel shows: what Prometheus keeps is bounded anyhow. */
export const MAX_RANGE_DAYS = 31
/** Most points of a curve. */
export const MAX_POINTS = 500
/** Most curves of a panel. */
export const MAX_CURVES = 100

const Health = z
  .object({
    kind: z.string().meta({ description: 'service, sidecar, or what it is that services lean on' }),
    app: AppId.nullable().meta({ description: 'The service, of services and sidecars' }),
    instance: z.string().meta({ description: 'host:port at which it is watched' }),
    state: z.enum(['up', 'down']),
    since: Instant.nullable().meta({
      description: 'Up: when it started. Down: when it was seen last, if within six hours. null where nobody knows',
    }),
    version: z.string().nullable().meta({ description: 'null for what does not tell' }),
  })
  .meta({ id: 'PartHealth' })

const RunningInstance = z
  .object({
    app: AppId,
    instance: z.string(),
    release: z.string().meta({ description: 'The image tag in a cluster, the commit of a checkout' }),
    configuration: z.string().meta({ description: 'A hash of its settings, without secrets and ports of its own' }),
  })
  .meta({ id: 'RunningInstance' })

const Panel = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    unit: z.string().meta({ description: "Grafana's name of it" }),
    threshold: z.number().nullable().meta({ description: 'From here on it is red' }),
    alert: z.string().nullable().meta({ description: 'What judges the same; its runbook is docs/runbooks/<alert>.md' }),
    isQuiet: z.boolean().meta({ description: 'Empty as long as all is well' }),
  })
  .meta({ id: 'Panel' })

const Dashboard = z
  .object({
    id: z.string(),
    title: z.string(),
    hasInstances: z.boolean().meta({ description: 'Whether its panels take `app` and `instance`' }),
    panels: z.array(Panel),
  })
  .meta({ id: 'Dashboard' })

const Curve = z
  .object({
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    points: z
      .array(z.tuple([z.number(), z.number().nullable()]))
      .meta({ description: 'Unix time in seconds, and the value; null for none' }),
  })
  .meta({ id: 'Curve' })

const RecentError = z
  .object({
    app: AppId,
    route: z.string(),
    code: z.string(),
    status: z.int(),
    count: z.number().meta({ description: 'How often, estimated from scrapes' }),
    examples: z
      .array(z.object({ at: Instant, traceId: z.string() }))
      .meta({ description: 'The newest first, one a scrape at most' }),
  })
  .meta({ id: 'RecentError' })

/** What operators see of the installation. */
export const monitoring = {
  health: route({
    ...fromPrometheus,
    path: '/v1/ops/health',
    summary: 'Every part that is watched: whether it is up, since when, and its version',
  }).output(z.object({ items: z.array(Health) })),
  versions: route({
    ...fromPrometheus,
    path: '/v1/ops/versions',
    summary: 'What every instance runs, and services whose instances differ in release or settings',
  }).output(
    z.object({
      items: z.array(RunningInstance),
      differing: z.array(z.object({ app: AppId, in: z.enum(['release', 'configuration']) })),
    }),
  ),
  lag: route({
    ...fromPrometheus,
    path: '/v1/ops/lag',
    summary: 'Events that wait for each consumer group, by topic, the most first',
  }).output(
    z.object({
      items: z.array(z.object({ group: z.string(), topic: z.string(), lag: z.int(), members: z.int().nullable() })),
    }),
  ),
  panels: route({
    ...ofOperators,
    path: '/v1/ops/panels',
    summary: 'The dashboards with their panels, and the services that may be chosen',
  }).output(z.object({ dashboards: z.array(Dashboard), apps: z.array(AppId) })),
  curves: route({
    ...fromPrometheus,
    errors: ['monitoring_unavailable', 'not_found'],
    path: '/v1/ops/panels/{panel}/curves',
    summary: `The curves of a panel over a time, the last hour unless it says otherwise; up to ${MAX_POINTS} points each`,
  })
    .input(
      z.object({
        panel: z.string().max(100),
        from: Instant.optional(),
        to: Instant.optional(),
        stepSeconds: decimal(z.int().min(1).max(86_400))
          .optional()
          .meta({ description: 'Between two points; by the length of the time' }),
        app: AppId.optional(),
        instance: z
          .string()
          .regex(/^[\w.:-]{1,100}$/)
          .optional(),
      }),
    )
    .output(
      z.object({
        from: Instant,
        to: Instant,
        stepSeconds: z.int(),
        curves: z.array(Curve),
        omitted: z.int().meta({ description: `Curves beyond ${MAX_CURVES}` }),
      }),
    ),
  errors: route({
    ...fromPrometheus,
    path: '/v1/ops/errors',
    summary: 'Errors of the last minutes by service, route and code, with the ids of traces to look at',
  })
    .input(
      z.object({
        minutes: decimal(z.int().min(1).max(1_440)).default(60),
        app: AppId.optional(),
        kind: z
          .enum(['failure', 'refusal'])
          .default('failure')
          .meta({ description: 'Faults of ours (5xx), or of clients' }),
      }),
    )
    .output(z.object({ items: z.array(RecentError) })),
}
