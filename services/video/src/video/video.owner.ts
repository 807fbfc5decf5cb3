import { type Identity, ServiceError } from '@fanone/service-kit'
import type { VideoRow } from './video.entity.ts'

/** Videos are public, so "forbidden" reveals nothing. @throws ServiceError `forbidden` */
export function requireOwn(video: Pick<VideoRow, 'authorId'>, identity: Identity): void {
  if (video.authorId !== identity.userId) throw new ServiceError('forbidden')
}
