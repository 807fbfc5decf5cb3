import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { ServiceDeclaration } from './declaration.ts'

const checkout = resolve(import.meta.dirname, '../../..')

const Port = z.coerce.number().int().min(1).max(65_535)
/** `host:port` */
export const Address = z.string().regex(/^[^:\s]+:\d{1,5}$/, 'must look like host:port')

/** Parts divided by commas, none by default. */
export const commaList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )

/** Variables of every service. Dapr's CLI, our supervisor and the chart set the same names. */
export const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
export type LogLevel = z.infer<typeof LogLevel>

export const BaseConfig = z.object({
  APP_ID: z.string().min(1).meta({ description: 'Dapr app id of this service' }),
  APP_PORT: Port.meta({ description: 'Port the sidecar calls this service on' }),
  APP_HOST: z.string().default('127.0.0.1').meta({ description: 'Interface the app port is bound to' }),
  APP_API_TOKEN: z.string().min(16).optional().meta({ description: 'What the sidecar shows to prove it is ours' }),
  DAPR_HTTP_PORT: Port.meta({ description: 'Port of the own sidecar' }),
  DAPR_API_TOKEN: z.string().min(16).optional().meta({ description: 'What this service shows to its sidecar' }),
  FANONE_HOME: z
    .string()
    .default(resolve(checkout, '.fanone'))
    .meta({ description: 'Folder of everything this installation keeps' }),
  LOG_LEVEL: LogLevel.default('info').meta({ description: 'Lowest level that is logged' }),
  RELEASE: z
    .string()
    .default('unknown')
    .meta({ description: 'What runs here, as operators see it: the image tag, or the commit of a checkout' }),
})
export type BaseConfig = z.infer<typeof BaseConfig>

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

/** The variables of tracing, which every service reads before anything else (telemetry.ts). */
export const TelemetryConfig = z.object({
  ZIPKIN_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'Where traces go, as Zipkin spans' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description:
        'Where traces go, as OTLP, without ZIPKIN_ENDPOINT; its OTEL_EXPORTER_OTLP_* relatives count as well; with neither nothing is traced',
    }),
  OTEL_SDK_DISABLED: flag.default(false).meta({ description: '`true` turns tracing off' }),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(100).max(60_000).default(5_000).meta({
    description: 'Longest wait of a span for company on its way to Zipkin (ms); its sidecar reads it as well',
  }),
  TRACES_PER_SECOND: z.coerce.number().int().min(0).max(100_000).default(30).meta({
    description:
      'Up to so many traces begun here in a second are all kept; a trace begun elsewhere follows its beginning',
  }),
  TRACE_SAMPLING: z.coerce.number().min(0).max(1).default(0.01).meta({
    description: 'Share of those beyond `TRACES_PER_SECOND` that are kept: 1 keeps every trace, 0 none beyond the rate',
  }),
})

/** The variables of services that own a database. */
export const DatabaseConfig = z.object({
  DATABASE: z.string().min(1).meta({ description: 'Name of the database this service owns' }),
  MYSQL_ADDRESS: Address.meta({ description: 'Server that speaks the MySQL protocol' }),
  MYSQL_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10).meta({ description: 'Connections at most' }),
})
export type DatabaseConfig = z.infer<typeof DatabaseConfig>

/** The variables of services that use what Dapr's state API lacks, such as sorted sets. */
export const RedisConfig = z.object({
  REDIS_ADDRESS: Address.meta({ description: 'Redis server' }),
  REDIS_SCRIPT_LIMIT_MS: z.coerce.number().min(0).default(0).meta({
    description:
      'From how much CPU on a script is named in the log of Redis; 0 is never. Measuring takes 20 µs for each script',
  }),
})

/** All variables that a service reads: the kit's, for what it has declared, and its own. */
export function serviceConfig(service: ServiceDeclaration) {
  return z.object({
    ...BaseConfig.shape,
    APP_ID: BaseConfig.shape.APP_ID.refine((appId) => appId === service.appId, `must be ${service.appId}`),
    ...TelemetryConfig.shape,
    ...(service.database && DatabaseConfig.shape),
    ...(service.redis && RedisConfig.shape),
    ...service.config?.shape,
  } as typeof BaseConfig.shape & typeof TelemetryConfig.shape & typeof DatabaseConfig.shape & typeof RedisConfig.shape)
}
export type ServiceConfig = z.infer<ReturnType<typeof serviceConfig>>

/** A start that was refused because of its settings; `message` lists every problem, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Parses the environment once. Empty values count as absent.
 *
 * @throws ConfigError naming every variable that is missing or wrong, never its value
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): Readonly<z.infer<Schema>> {
  const result = schema.safeParse(presentIn(env))
  if (result.success) return Object.freeze(result.data)
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new ConfigError(`The configuration is not valid:\n${problems.join('\n')}`)
}

/** The settings of tracing; undefined where they are wrong. */
export function readTelemetryConfig(env: NodeJS.ProcessEnv): z.infer<typeof TelemetryConfig> | undefined {
  return TelemetryConfig.safeParse(presentIn(env)).data
}

const presentIn = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))

/** The configuration as it may be logged: tokens, passwords and keys hidden. */
export function redactConfig(config: Record<string, unknown>): Record<string, unknown> {
  const isSecret = (name: string) => /TOKEN|PASSWORD|SECRET|KEY/.test(name)
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, isSecret(name) && value !== undefined ? '[redacted]' : value]),
  )
}

/** What instances of one service cannot have in common, or is told beside the settings. */
const OF_ONE_INSTANCE = new Set(['APP_PORT', 'DAPR_HTTP_PORT', 'HTTP_PORT', 'RELEASE'])

/**
 * Names a configuration, so that instances can be compared: equal for two instances of a service
 * with the same settings. Secrets and ports are not in it.
 */
export function configurationHash(config: Record<string, unknown>): string {
  const shared = Object.entries(redactConfig(config)).filter(([name]) => !OF_ONE_INSTANCE.has(name))
  const text = JSON.stringify(shared.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
