import { z } from 'zod'
import { Id, Limit } from '../../common.ts'
import { Likeness } from '../../image-search.ts'
import { VideoEdit, VideoSearch } from '../../video.ts'
import { decimal, minScore } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { ById, EventStream, Paging, page, V1Video } from '../surfaces/v1.ts'

/** Videos: found, shown, changed, deleted. They come from `uploads`. */
export const videos = {
  search: route({
    method: 'GET',
    path: '/v1/videos/search',
    summary: 'Videos that fulfil every given condition, the newest first',
    tag: 'videos',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(
      Paging.extend({
        ...VideoSearch.shape,
        fromMs: decimal(VideoSearch.shape.fromMs).optional(),
        toMs: decimal(VideoSearch.shape.toMs).optional(),
      }),
    )
    .output(page(V1Video)),
  get: route({
    method: 'GET',
    path: '/v1/videos/{id}',
    summary: 'One video',
    tag: 'videos',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['video_not_found'],
  })
    .input(ById)
    .output(V1Video),
  similar: route({
    method: 'GET',
    path: '/v1/videos/{id}/similar',
    summary: 'Other videos that look like this one, the most alike first',
    tag: 'videos',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['video_not_found'],
  })
    .input(ById.extend({ limit: decimal(Limit).default(20), minScore: minScore.optional() }))
    .output(z.object({ items: z.array(z.object({ score: Likeness, video: V1Video })) })),
  events: route({
    method: 'GET',
    path: '/v1/videos/{id}/events',
    summary:
      'How far a video of the caller is, as server-sent events: now, then at every change, until it is ready or failed',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.read,
    errors: ['video_not_found', 'forbidden'],
  })
    .input(ById)
    .output(EventStream),
  edit: route({
    method: 'PATCH',
    path: '/v1/videos/{id}',
    summary: 'Change a video of the caller; what is left out stays',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['video_not_found', 'forbidden', 'edit_conflict', 'sensitive_words'],
  })
    .input(VideoEdit.extend({ id: decimal(Id) }))
    .output(V1Video),
  removeCover: route({
    method: 'DELETE',
    path: '/v1/videos/{id}/cover',
    summary: 'Show the cover again that was drawn of a video of the caller',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['video_not_found', 'forbidden'],
  })
    .input(ById)
    .output(V1Video),
  delete: route({
    method: 'DELETE',
    path: '/v1/videos/{id}',
    summary: 'Delete a video of the caller',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['video_not_found', 'forbidden', 'edit_conflict'],
    successStatus: 204,
  })
    .input(ById)
    .output(z.void()),
  listByAuthor: route({
    method: 'GET',
    path: '/v1/users/{id}/videos',
    summary: 'The videos of one author, newest first',
    tag: 'videos',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(Paging.extend({ id: decimal(Id) }))
    .output(page(V1Video)),
}
