import type { videoContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { UploadService } from './upload.service.ts'
import type { UploadChunks } from './upload-chunks.ts'
import type { UploadJoins } from './upload-joins.ts'

export const uploadOperations = ({
  uploads,
  joins,
  chunks,
}: {
  uploads: UploadService
  joins: UploadJoins
  chunks: UploadChunks
}): Operations<typeof videoContract.uploads> => ({
  create: ({ input, context }) => uploads.create(requireIdentity(context), input),
  lock: ({ input, context }) => uploads.lock(requireIdentity(context), input),
  keepLock: ({ input, context }) => uploads.keepLock(requireIdentity(context), input),
  unlock: async ({ input, context }) => {
    await uploads.unlock(requireIdentity(context), input)
    return {}
  },
  finish: ({ input, context }) => uploads.finish(requireIdentity(context), input),
  join: ({ input, context }) => joins.join(requireIdentity(context), input),
  addChunk: async ({ input, context }) => {
    await chunks.add(requireIdentity(context), input)
    return {}
  },
  joinChunks: ({ input, context }) => chunks.join(requireIdentity(context), input),
  end: async ({ input, context }) => {
    await uploads.end(requireIdentity(context), input)
    return {}
  },
})
