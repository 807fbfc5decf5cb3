import { Title, type Video } from '@fanone/contracts'
import { douyinContract, fanoneContract, type RouteMeta, v1Contract } from '@fanone/contracts/gateway'
import { ServiceError } from '@fanone/service-kit'
import type { AnyContractProcedure } from '@orpc/contract'
import { z } from 'zod'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import { MissingTokenError } from '../compat/compat-codes.ts'
import { answer as douyinAnswer } from '../douyin/douyin.views.ts'
import { done } from '../fanone/fanone.views.ts'
import type { Admission, GuardedRoute } from '../http/admission.ts'
import { toV1Video } from '../v1/v1.views.ts'
import { titleAndDescription, type UploadRoute } from './upload.handler.ts'

/** The part of a contract that the guard needs. */
function guardedRoute(procedure: AnyContractProcedure): GuardedRoute {
  const { route, meta } = procedure['~orpc']
  return { path: route.path ?? '/', meta: meta as RouteMeta }
}

export function v1Upload(admission: Admission, mediaUrl: (key: string) => string): UploadRoute {
  const route = guardedRoute(v1Contract.videos.publish)
  return {
    ...route,
    fileFields: ['file', 'data'],
    text: titleAndDescription.extend({ description: titleAndDescription.shape.description.default('') }),
    admit: (request, response) => admission.admit(route, { request, response }),
    refuse: () => new ServiceError('unauthenticated'),
    answer: (response, video: Video) => {
      response.status(201).location(`/v1/videos/${video.id}`).json(toV1Video(video, mediaUrl))
    },
  }
}

export function fanoneUpload(admission: Admission): UploadRoute {
  const route = guardedRoute(fanoneContract.video.publish)
  return {
    ...route,
    fileFields: ['data'],
    text: titleAndDescription,
    admit: (request, response) => admission.admit(route, { request, response }),
    refuse: () => new MissingTokenError(),
    answer: (response) => void response.json(done()),
  }
}

/** The token may be in the query, or in the form before or after the file. */
export function douyinUpload(admission: Admission, verifier: TokenVerifier): UploadRoute {
  const route = guardedRoute(douyinContract.publish.action)

  return {
    ...route,
    fileFields: ['data'],
    text: z.object({ title: Title }).transform(({ title }) => ({ title, description: '' })),
    admit: async (request, response) => {
      try {
        return await admission.admit(route, { request, response })
      } catch (error) {
        if (error instanceof MissingTokenError) return undefined
        throw error
      }
    },
    identify: async ({ token }) =>
      typeof token === 'string' && token !== '' ? await verifier.verify(token) : undefined,
    refuse: () => new MissingTokenError(),
    answer: (response) => void response.json(douyinAnswer({})),
  }
}
