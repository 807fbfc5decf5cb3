import type { V1FoundPicture } from '@fanone/contracts/gateway'
import type { ShownImage } from '../presenter/image-search.ts'
import { toV1Author } from '../users/users.view.ts'
import { toV1Video } from '../videos/videos.view.ts'

export function toV1FoundPicture({ image, pictureUrl, user, video }: ShownImage): V1FoundPicture {
  const { score, kind, timeMs } = image
  return {
    ...{ score, kind, pictureUrl, timeMs },
    video: video ? toV1Video(video) : null,
    user: user ? toV1Author(user) : null,
  }
}
