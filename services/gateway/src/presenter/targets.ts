import { type ContentKind, contentKinds, type ReportKind, type ReportTarget } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import type { Client } from '../calls/client.ts'

/** Whose a thing is, as its owner says. A kind of content that comes later is a line here. */
export function createTargets(clients: {
  user: Client<'user'>
  video: Client<'video'>
  interaction: Client<'interaction'>
}) {
  const { user, video, interaction } = clients
  const find: Partial<Record<ReportKind, (id: number) => Promise<number | undefined>>> = {
    user: async (id) => (await user.profiles.getMany({ ids: [id] })).items[0]?.id,
    video: async (id) => (await video.videos.getMany({ ids: [id], withHidden: true })).items[0]?.authorId,
    comment: async (id) => (await interaction.comments.getMany({ ids: [id] })).items[0]?.userId,
  }
  return {
    /** @throws ServiceError `not_found` or the one of its kind, such as `video_not_found` */
    async require<Kind extends ReportKind>(kind: Kind, id: number): Promise<ReportTarget & { kind: Kind }> {
      const authorId = await find[kind]?.(id)
      if (authorId !== undefined) return { kind, id, authorId }
      throw new ServiceError(kind === 'user' ? 'user_not_found' : contentKinds[kind as ContentKind].notFound)
    },
  }
}

export type Targets = ReturnType<typeof createTargets>
