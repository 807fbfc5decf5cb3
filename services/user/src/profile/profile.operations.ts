import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { ProfileService } from './profile.service.ts'

export const profileOperations = (service: ProfileService): Operations<typeof userContract.profiles> => ({
  getMany: async ({ input }) => ({ items: await service.getMany(input.ids) }),
  edit: ({ input, context }) => service.edit(requireIdentity(context), input),
})
