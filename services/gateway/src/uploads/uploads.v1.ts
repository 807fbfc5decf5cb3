import { ServiceError } from '@fanone/service-kit'
import type { RequestHandler } from 'express'
import type { RequestPolicy } from '../http/request-policy.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { toV1Video } from '../videos/videos.view.ts'
import { titleAndDescription, type UploadRoute } from './upload.handler.ts'

/** How the native API takes a video. */
export function uploadsV1({ policy, present }: { policy: RequestPolicy; present: Presenter }): UploadRoute {
  return {
    fileFields: ['file', 'data'],
    takesQuery: false,
    text: titleAndDescription.extend({ description: titleAndDescription.shape.description.default('') }),
    authorize: (...request) => policy.authorize(...request),
    refuse: () => new ServiceError('unauthenticated'),
    answer: (response, video) => {
      response
        .status(201)
        .location(`/v1/videos/${video.id}`)
        .json(toV1Video(present.newVideo(video)))
    },
  }
}

/** Which of the ways a video comes a request takes: a file, the id of an upload, or tus. */
export function v1Uploads(handlers: {
  inOneRequest: RequestHandler
  finished: RequestHandler
  tus: RequestHandler
}): RequestHandler {
  return (request, response, next) => {
    if (request.foundRoute?.route?.name !== 'uploads.publish') return handlers.tus(request, response, next)
    return (request.is('application/json') ? handlers.finished : handlers.inOneRequest)(request, response, next)
  }
}
