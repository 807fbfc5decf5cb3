import { z } from 'zod'
import { Id } from '../../common.ts'
import { blankable, decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { ById, IdList, Paging, page, V1Video } from '../surfaces/v1.ts'

const likeOf = (content: 'videos' | 'comments', error: 'video_not_found' | 'comment_not_found') => {
  const like = (method: 'PUT' | 'DELETE', summary: string) =>
    route({
      method,
      path: `/v1/${content}/{id}/like`,
      summary,
      tag: 'likes',
      access: 'user',
      rateLimit: rateLimits.write,
      errors: [error],
      successStatus: 204,
    })
      .input(ById)
      .output(z.void())
  return {
    put: like('PUT', 'Like it; liking twice changes nothing'),
    delete: like('DELETE', 'Unlike it; unliking twice changes nothing'),
  }
}

/** Who likes what. */
export const likes = {
  video: likeOf('videos', 'video_not_found'),
  comment: likeOf('comments', 'comment_not_found'),
  getFlags: route({
    method: 'GET',
    path: '/v1/likes',
    summary: 'Which of up to 100 videos and up to 100 comments the caller likes',
    tag: 'likes',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ videoIds: blankable(IdList), commentIds: blankable(IdList) }))
    .output(z.object({ videoIds: z.array(Id), commentIds: z.array(Id) })),
  listVideos: route({
    method: 'GET',
    path: '/v1/users/{id}/likes',
    summary: 'The videos that a user likes, the last liked first; deleted ones are left out, so a page may be short',
    tag: 'likes',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(Paging.extend({ id: decimal(Id) }))
    .output(page(V1Video)),
}
