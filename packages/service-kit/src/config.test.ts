import { expect, test } from 'vitest'
import { z } from 'zod'
import { loadConfig, redactConfig } from './config.ts'

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
