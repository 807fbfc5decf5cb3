import { z } from 'zod'
import { SecurityEvent } from '../../audit.ts'
import { Password, Username } from '../../credentials.ts'
import { ProfileEdit } from '../../user.ts'
import { rateLimits, route } from '../route.ts'
import { ById, IdList, Paging, page, V1Session, V1User } from '../surfaces/v1.ts'

/** Accounts and profiles. */
export const users = {
  register: route({
    method: 'POST',
    path: '/v1/users',
    summary: 'Register and log in; send an Idempotency-Key to repeat safely',
    tag: 'users',
    access: 'public',
    rateLimit: rateLimits.credentials,
    inCookie: true,
    errors: ['forbidden', 'username_taken', 'sensitive_words', 'password_too_common', 'idempotency_key_reused'],
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
  changePassword: route({
    method: 'PUT',
    path: '/v1/users/me/password',
    summary: "Change the caller's password; all other sessions end",
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.credentials,
    errors: ['wrong_password', 'password_too_common'],
    successStatus: 204,
  })
    .input(z.object({ currentPassword: z.string().max(400), newPassword: Password }))
    .output(z.void()),
  securityEvents: route({
    method: 'GET',
    path: '/v1/users/me/security-events',
    summary: "What happened to the caller's account, the newest first: log-ins, failed ones, changes of what opens it",
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.read,
    errors: ['malformed_cursor'],
  })
    .input(Paging)
    .output(page(SecurityEvent)),
  removeAvatar: route({
    method: 'DELETE',
    path: '/v1/users/me/avatar',
    summary: "Remove the caller's avatar, so that the one drawn from the id is shown",
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.write,
  }).output(V1User),
  removeBackground: route({
    method: 'DELETE',
    path: '/v1/users/me/background',
    summary: "Remove the background of the caller's profile",
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.write,
  }).output(V1User),
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
}
