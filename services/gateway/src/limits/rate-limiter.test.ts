import { createLogger, type ServiceError } from '@fanone/service-kit'
import { describe, expect, it } from 'vitest'
import { clientOf, RateLimiter } from './rate-limiter.ts'

const log = createLogger({ appId: 'test', level: 'silent' })
const limit = { points: 2, windowSeconds: 60, scope: 'cluster' } as const

describe('rate limits', () => {
  it('what is too much is refused with the time to wait, for that client and that limit only', async () => {
    const limiter = new RateLimiter({ redis: undefined, factor: 1, log })
    await limiter.consume('a', 'ip:1', limit)
    await limiter.consume('a', 'ip:1', limit)
    const refusal = await limiter.consume('a', 'ip:1', limit).catch((error: ServiceError) => error)
    expect(refusal).toMatchObject({ code: 'too_many_requests' })
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(50)
    await limiter.consume('a', 'ip:2', limit)
    await limiter.consume('b', 'ip:1', limit)
  })

  it('the factor raises every limit', async () => {
    const limiter = new RateLimiter({ redis: undefined, factor: 10, log })
    for (let use = 0; use < 20; use++) await limiter.consume('a', 'ip:1', limit)
    await expect(limiter.consume('a', 'ip:1', limit)).rejects.toMatchObject({ code: 'too_many_requests' })
  })

  it('a user is counted as a user, anybody else by address, IPv6 by network', () => {
    expect(clientOf({ ip: '10.0.0.1' }, { userId: 5 })).toBe('user:5')
    expect(clientOf({ ip: '10.0.0.1' }, undefined)).toBe('ip:10.0.0.1')
    expect(clientOf({ ip: '::ffff:10.0.0.1' }, undefined)).toBe('ip:10.0.0.1')
    expect(clientOf({ ip: '2001:db8:1:2:3:4:5:6' }, undefined)).toBe(clientOf({ ip: '2001:db8:1:2::9' }, undefined))
    expect(clientOf({ ip: '2001:db8::1' }, undefined)).toBe('ip:2001:db8:0:0::/64')
  })
})
