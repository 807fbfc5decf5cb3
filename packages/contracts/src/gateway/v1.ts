import { z } from 'zod'
import { Id } from '../common.ts'
import { orText } from '../json-text.ts'
import { Credentials, Password, ProfileEdit, Username } from '../user.ts'
import { Description, Title, VideoEdit, VideoSearch } from '../video.ts'
import { comments, likes, visits } from './interaction.v1.ts'
import { decimal } from './parameters.ts'
import { relations } from './relation.v1.ts'
import { rateLimits, route } from './route.ts'
import { socialFeeds } from './stats.v1.ts'
import { ById, IdList, Paging, page, V1FeedItem, V1Session, V1User, V1Video } from './v1.models.ts'

const users = {
  register: route({
    method: 'POST',
    path: '/v1/users',
    summary: 'Register and log in; send an Idempotency-Key to repeat safely',
    tag: 'users',
    access: 'public',
    rateLimit: rateLimits.credentials,
    errors: ['username_taken', 'sensitive_words', 'idempotency_key_reused'],
    successStatus: 201,
  })
    .input(z.object({ username: Username, password: Password }))
    .output(V1Session),
  getMany: route({
    method: 'GET',
    path: '/v1/users',
    summary: 'Several users at once; unknown ids are left out',
    tag: 'users',
    access: 'optional',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ ids: IdList }))
    .output(z.object({ items: z.array(V1User) })),
  getMe: route({
    method: 'GET',
    path: '/v1/users/me',
    summary: 'The caller',
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.read,
    errors: ['user_not_found'],
  }).output(V1User),
  editMe: route({
    method: 'PATCH',
    path: '/v1/users/me',
    summary: "Change the caller's profile; what is left out stays",
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['edit_conflict', 'sensitive_words'],
  })
    .input(ProfileEdit)
    .output(V1User),
  get: route({
    method: 'GET',
    path: '/v1/users/{id}',
    summary: 'One user',
    tag: 'users',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['user_not_found'],
  })
    .input(ById)
    .output(V1User),
  listVideos: route({
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

const sessions = {
  logIn: route({
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Log in',
    tag: 'sessions',
    access: 'public',
    rateLimit: rateLimits.credentials,
    errors: ['wrong_credentials'],
    successStatus: 201,
  })
    .input(Credentials)
    .output(V1Session),
  refresh: route({
    method: 'POST',
    path: '/v1/sessions/refresh',
    summary: 'Swap a refresh token, which can be used once, for a new pair of tokens',
    tag: 'sessions',
    access: 'public',
    rateLimit: rateLimits.credentials,
    errors: ['refresh_token_invalid'],
  })
    .input(z.object({ refreshToken: z.string().min(1).max(500) }))
    .output(V1Session),
  logOut: route({
    method: 'DELETE',
    path: '/v1/sessions/current',
    summary: "End the caller's session",
    tag: 'sessions',
    access: 'user',
    rateLimit: rateLimits.write,
    successStatus: 204,
  }).output(z.void()),
}

const videos = {
  publish: route({
    method: 'POST',
    path: '/v1/videos',
    summary: 'Publish a video in one request; fields before the file are checked before the file is sent',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.upload,
    errors: [
      'body_too_large',
      'unsupported_media_type',
      'not_a_video',
      'sensitive_words',
      'upload_aborted',
      'storage_full',
    ],
    successStatus: 201,
  })
    .input(z.object({ title: Title, description: Description.default(''), file: z.file() }))
    .output(V1Video),
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
}

const feeds = {
  newest: route({
    method: 'GET',
    path: '/v1/feeds/newest',
    summary: 'The newest videos; pages neither repeat nor skip. Without a token the answer may be a second old',
    tag: 'feeds',
    access: 'optional',
    rateLimit: rateLimits.feed,
    errors: ['malformed_cursor'],
  })
    .input(Paging)
    .output(orText(page(V1FeedItem))),
  ...socialFeeds,
}

const keys = {
  list: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The public keys that access tokens can be verified with (RFC 7517)',
    tag: 'sessions',
    access: 'public',
    rateLimit: rateLimits.read,
  }).output(z.object({ keys: z.array(z.record(z.string(), z.unknown())) })),
}

/** The native API. Errors are RFC 9457 problems. */
export const v1Contract = { users, sessions, videos, feeds, likes, comments, visits, relations, keys }
