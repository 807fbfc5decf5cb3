import { ServiceError } from '@fanone/service-kit'
import type { RequestHandler } from 'express'
import type { Client } from '../calls/client.ts'
import type { RequestPolicy } from '../http/request-policy.ts'
import type { ImageSearch } from '../presenter/image-search.ts'
import type { Lookups } from '../presenter/lookups.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { answer } from '../surfaces/fanone/fanone.envelope.ts'
import { toFanoneUser } from '../users/users.view.ts'
import { pictureHandler } from './picture.handler.ts'
import type { PictureReceivers } from './receivers.ts'

/** How the FanOne API takes pictures. */
export function picturesFanone(parts: {
  policy: RequestPolicy
  receivers: PictureReceivers
  user: Client<'user'>
  lookups: Lookups
  present: Presenter
  imageSearch: ImageSearch
}) {
  const { policy, receivers, user, lookups, present, imageSearch } = parts
  return {
    uploadAvatar: pictureHandler({
      policy,
      receiver: receivers.avatar,
      fileFields: ['data'],
      answer: async ({ uploadId, identity }, response) => {
        const profile = await user.profiles.setPicture({ kind: 'avatar', uploadId }, { context: { identity } })
        lookups.noteChange({ userId: profile.id })
        response.json(answer(toFanoneUser(present.newUser(profile))))
      },
    }),
    search: pictureHandler({
      policy,
      receiver: receivers.query,
      fileFields: ['data'],
      isPassing: true,
      answer: async ({ uploadId }, response) => {
        const [nearest] = await imageSearch.byUpload({ uploadId, limit: 1 })
        if (!nearest) throw new ServiceError('not_found', { detail: 'There are no pictures yet' })
        response.json(answer(imageSearch.urlOf(nearest)))
      },
    }),
  } satisfies Record<string, RequestHandler>
}
