import type { userContract } from '@fanone/contracts'
import { type operations, requireIdentity } from '@fanone/service-kit'
import type { ProfileService } from './profile.service.ts'

type Implementer = ReturnType<typeof operations<typeof userContract>>['profiles']

export function profileOperations(profiles: Implementer, service: ProfileService) {
  return {
    getMany: profiles.getMany.handler(async ({ input }) => ({ items: await service.getMany(input.ids) })),
    edit: profiles.edit.handler(({ input, context }) => service.edit(requireIdentity(context), input)),
  }
}
