import { expect, test } from 'vitest'
import { z } from 'zod'
import { loadConfig, readTelemetryConfig, redactConfig, serviceConfig } from './config.ts'
import { defineService } from './declaration.ts'

const schema = z.object({ PORT: z.coerce.number().int(), NAME: z.string(), LEVEL: z.string().default('info') })

test('every problem is listed, not only the first, and no value is repeated', () => {
  expect(() => loadConfig(schema, { PORT: 'hunter2' })).toThrow(/PORT: .*\n {2}NAME: /)
  expect(() => loadConfig(schema, { PORT: 'hunter2' })).not.toThrow(/hunter2/)
})

test('an empty value counts as absent, so the default holds', () => {
  expect(loadConfig(schema, { PORT: '1', NAME: 'n', LEVEL: '' }).LEVEL).toBe('info')
})

test('a configuration cannot be changed after the start', () => {
  const config = loadConfig(schema, { PORT: '1', NAME: 'n' }) as { NAME: string }
  expect(() => {
    config.NAME = 'other'
  }).toThrow(TypeError)
})

test('tokens and passwords are hidden when a configuration is shown', () => {
  expect(redactConfig({ APP_API_TOKEN: 'a', DB_PASSWORD: 'b', PORT: 1 })).toEqual({
    APP_API_TOKEN: '[redacted]',
    DB_PASSWORD: '[redacted]',
    PORT: 1,
  })
})

test('a service is told at once of all that is wrong: for the kit, tracing, its database, Redis and itself', () => {
  const shop = defineService({
    appId: 'shop',
    summary: 'Things for sale',
    port: 7990,
    config: z.object({ SHELVES: z.coerce.number() }),
    database: { entities: [], migrations: [] },
    redis: true,
  })
  const wrong = { APP_ID: 'ship', TRACE_SAMPLING: 'often', ZIPKIN_ENDPOINT: 'here', DATABASE: 'shop', SHELVES: 'many' }
  const wanted = [
    'APP_ID',
    'APP_PORT',
    'DAPR_HTTP_PORT',
    'TRACE_SAMPLING',
    'ZIPKIN_ENDPOINT',
    'MYSQL_ADDRESS',
    'REDIS_ADDRESS',
    'SHELVES',
  ]
  const told = () => loadConfig(serviceConfig(shop), wrong)
  for (const name of wanted) expect(told, name).toThrow(new RegExp(`^ {2}${name}: `, 'm'))
})

test('wrong settings of tracing leave it off, for the start to report them', () => {
  expect(readTelemetryConfig({ TRACE_SAMPLING: 'often' })).toBeUndefined()
  expect(readTelemetryConfig({ OTEL_SDK_DISABLED: 'true' })).toMatchObject({
    OTEL_SDK_DISABLED: true,
    TRACES_PER_SECOND: 30,
    TRACE_SAMPLING: 0.01,
  })
})
