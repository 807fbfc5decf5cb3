import { Address, commaList } from '@fanone/service-kit'
import { StorageConfig } from '@fanone/storage'
import { z } from 'zod'

const GIBIBYTE = 1024 ** 3

export const GatewayConfig = z.object({
  ...StorageConfig.shape,
  HTTP_PORT: z.coerce.number().int().min(1).max(65_535).default(8080).meta({ description: 'Public port' }),
  HTTP_HOST: z.string().default('127.0.0.1').meta({ description: 'Interface the public port is bound to' }),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .meta({ description: 'How clients reach the gateway, without a slash at the end; http://127.0.0.1:<HTTP_PORT>' }),
  SITE_FOLDER: z.string().optional().meta({ description: 'The built site; `run/site` in FANONE_HOME' }),
  CORS_ORIGINS: commaList.meta({ description: 'Origins whose pages may call the API, divided by commas; none' }),
  TRUST_PROXY: commaList.meta({
    description: 'Addresses or networks of proxies whose X-Forwarded-For is believed, divided by commas; none',
  }),
  RATE_LIMIT_FACTOR: z.coerce
    .number()
    .positive()
    .default(1)
    .meta({ description: 'Multiplies every rate limit; for tests and benchmarks' }),
  UPLOAD_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(4 * GIBIBYTE)
    .meta({ description: 'Largest video file' }),
  UPLOAD_IDLE_SECONDS: z.coerce
    .number()
    .positive()
    .default(30)
    .meta({ description: 'How long a connection may be silent before it is closed' }),
  PUBLISH_TIMEOUT_SECONDS: z.coerce
    .number()
    .positive()
    .default(120)
    .meta({ description: 'How long one try of a publication may take' }),
  PUBLISH_RETRY_SECONDS: z.coerce
    .number()
    .nonnegative()
    .default(30)
    .meta({ description: 'How long a publication without an answer is tried again; more than a breaker is open' }),
  MAX_CONNECTIONS: z.coerce
    .number()
    .int()
    .positive()
    .default(5_000)
    .meta({ description: 'Public connections at most; further ones are closed at once' }),
  ROUTE_CONCURRENCY: z.coerce.number().int().positive().default(96).meta({
    description:
      'Requests of one route at a time, fewer while they are slow; further ones are refused with Retry-After',
  }),
  USER_WRITE_CONCURRENCY: z.coerce.number().int().positive().default(4).meta({
    description: 'Changes of one user that go on at a time; three times as many wait, further ones are refused',
  }),
  LIMITS_FILE: z.string().optional().meta({
    description: 'Limits that change without a restart, as JSON; limits.json in FANONE_HOME',
  }),
  PROMETHEUS_ADDRESS: Address.optional().meta({
    description: 'The Prometheus that operators see through `/v1/ops`; without it these routes answer 503',
  }),
  EVENT_LOOP_DELAY_MS: z.coerce.number().int().positive().default(200).meta({
    description: 'How late a busy gateway may be before it refuses requests; at twice as much it refuses all',
  }),
})
export type GatewayConfig = z.infer<typeof GatewayConfig>

/** Where clients reach the gateway. */
export const publicUrl = (config: GatewayConfig) => config.PUBLIC_URL ?? `http://127.0.0.1:${config.HTTP_PORT}`

/** Where pages fetch media from: the gateway, and the bucket where clients are sent there. */
export function mediaOrigins(config: GatewayConfig): string[] {
  const { S3_ENDPOINT, S3_PRESIGN_SECONDS, S3_REGION, S3_BUCKET, STORAGE } = config
  const bucket = S3_ENDPOINT ? new URL(S3_ENDPOINT).origin : `https://${S3_BUCKET}.s3.${S3_REGION}.amazonaws.com`
  const isDirect = STORAGE === 's3' && S3_PRESIGN_SECONDS > 0
  return [new URL(publicUrl(config)).origin, ...(isDirect ? [bucket] : [])]
}
