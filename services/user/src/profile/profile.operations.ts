import type { userContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { PictureService } from '../picture/picture.service.ts'
import type { ProfileService } from './profile.service.ts'

export const profileOperations = (
  service: ProfileService,
  pictures: PictureService,
): Operations<typeof userContract.profiles> => ({
  getMany: async ({ input }) => ({ items: await service.getMany(input.ids) }),
  edit: ({ input, context }) => service.edit(requireIdentity(context), input),
  setPicture: ({ input, context }) => pictures.set(requireIdentity(context), input),
  removePicture: ({ input, context }) => pictures.remove(requireIdentity(context), input),
})
