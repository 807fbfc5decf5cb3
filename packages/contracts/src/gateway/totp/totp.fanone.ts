import { z } from 'zod'
import { TotpBinding } from '../../user.ts'
import { rateLimits, route } from '../route.ts'
import { empty, envelope } from '../surfaces/fanone.ts'

/** FanOne 5 and 6. */
export const totp = {
  issue: route({
    method: 'GET',
    path: '/auth/mfa/qrcode',
    summary: 'A new secret for one-time passwords, which can be bound for 15 minutes',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.credentials,
  }).output(envelope(z.object({ secret: z.string(), qrcode: z.string() }))),
  confirm: route({
    method: 'POST',
    path: '/auth/mfa/bind',
    summary: 'Bind the secret that was issued; from then on a log-in needs a code',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.credentials,
  })
    .input(TotpBinding)
    .output(empty),
}
