import { z } from 'zod'
import { rateLimits, route } from '../route.ts'

/** The keys of access tokens. */
export const keys = {
  list: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The public keys that access tokens can be verified with (RFC 7517)',
    tag: 'sessions',
    access: 'public',
    rateLimit: rateLimits.read,
    cache: { seconds: 300 },
  }).output(z.object({ keys: z.array(z.record(z.string(), z.unknown())) })),
}
