import type { ProfilePicture } from '@fanone/contracts'
import { ImageSearchFields } from '@fanone/contracts/gateway'
import type { RequestHandler } from 'express'
import type { Client } from '../calls/client.ts'
import { parseText } from '../http/parse-text.ts'
import type { RequestPolicy } from '../http/request-policy.ts'
import type { ImageSearch } from '../presenter/image-search.ts'
import type { Lookups } from '../presenter/lookups.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { toV1User } from '../users/users.view.ts'
import { toV1Video } from '../videos/videos.view.ts'
import { pictureHandler } from './picture.handler.ts'
import { toV1FoundPicture } from './pictures.view.ts'
import type { PictureReceivers } from './receivers.ts'

/** How the native API takes pictures. */
export function picturesV1(parts: {
  policy: RequestPolicy
  receivers: PictureReceivers
  user: Client<'user'>
  video: Client<'video'>
  lookups: Lookups
  present: Presenter
  imageSearch: ImageSearch
}) {
  const { policy, receivers, user, video, lookups, present, imageSearch } = parts
  const ofProfile = (kind: ProfilePicture) =>
    pictureHandler({
      policy,
      receiver: receivers[kind],
      fileFields: ['file', 'data'],
      answer: async ({ uploadId, identity }, response) => {
        const profile = await user.profiles.setPicture({ kind, uploadId }, { context: { identity } })
        lookups.noteChange({ userId: profile.id })
        response.json(toV1User(await present.user(profile)))
      },
    })
  return {
    setAvatar: ofProfile('avatar'),
    setBackground: ofProfile('background'),
    setCover: pictureHandler({
      policy,
      receiver: receivers.cover,
      fileFields: ['file', 'data'],
      // Answered to the author only.
      check: ({ identity, id }) => video.videos.processing({ id }, { context: { identity } }),
      answer: async ({ uploadId, identity, id }, response) => {
        const edited = await video.videos.setCover({ id, uploadId }, { context: { identity } })
        lookups.noteChange({ videoId: edited.id })
        response.json(toV1Video(await present.video(edited, identity)))
      },
    }),
    search: pictureHandler({
      policy,
      receiver: receivers.query,
      fileFields: ['file', 'data'],
      isPassing: true,
      answer: async ({ uploadId, fields, identity }, response) => {
        const found = await imageSearch.byUpload({ ...parseText(ImageSearchFields, fields), uploadId })
        response.json({ items: (await imageSearch.shown(found, identity)).map(toV1FoundPicture) })
      },
    }),
  } satisfies Record<string, RequestHandler>
}
