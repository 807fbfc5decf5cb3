import type { statsContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { RebuildService } from './rebuild.service.ts'

export const rebuildOperations = (service: RebuildService): Operations<typeof statsContract.rebuilds> => ({
  start: ({ context }) => service.start(context.idempotencyKey),
  get: ({ input }) => service.get(input.id),
})
