import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rateLimits } from '@fanone/contracts/gateway'
import { describe, expect, it } from 'vitest'
import { GatewayConfig } from '../config.ts'

const page = await readFile(join(import.meta.dirname, '../../../../docs/limits.md'), 'utf8')
const inWords = (value: number) => value.toLocaleString('en')

describe('docs/limits.md', () => {
  it.each(Object.entries(rateLimits))('has the rate limit %s as it is', (name, { points, windowSeconds }) => {
    expect(windowSeconds).toBe(60)
    expect(page).toContain(`| \`${name}\` | ${inWords(points)} |`)
  })

  it('has the settings with their defaults', () => {
    const config = GatewayConfig.parse({ REDIS_ADDRESS: '127.0.0.1:1' })
    for (const name of [
      'MAX_CONNECTIONS',
      'EVENT_LOOP_DELAY_MS',
      'ROUTE_CONCURRENCY',
      'USER_WRITE_CONCURRENCY',
    ] as const) {
      expect(page).toMatch(new RegExp(`\`${name}\`, ${inWords(config[name])}\\b`))
    }
  })
})
