import { randomUUID } from 'node:crypto'
import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { TotpService } from './totp.service.ts'

export const totpOperations = (service: TotpService): Operations<typeof userContract.totp> => ({
  status: ({ context }) => service.status(requireIdentity(context)),
  issue: ({ context }) => service.issue(requireIdentity(context)),
  confirm: ({ input, context }) =>
    service.confirm(requireIdentity(context), input, context.idempotencyKey ?? randomUUID()),
  unbind: async ({ input, context, signal }) => {
    await service.unbind(requireIdentity(context), input, signal)
    return {}
  },
  renewRecoveryCodes: ({ input, context }) =>
    service.renewRecoveryCodes(requireIdentity(context), input, context.idempotencyKey ?? randomUUID()),
})
