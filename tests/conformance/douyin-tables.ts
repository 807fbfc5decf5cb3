import { expect } from 'vitest'
import { z } from 'zod'
import type { Member } from '../support/community.ts'
import { type Answer, innerWorkings } from '../support/http.ts'

// The tables of the Douyin API, written down once more and independently of our contracts.
const status = { status_code: z.int(), status_msg: z.string() }
export const User = z.strictObject({
  id: z.int().positive(),
  name: z.string(),
  follow_count: z.int(),
  follower_count: z.int(),
  is_follow: z.boolean(),
  avatar: z.string(),
  background_image: z.string(),
  signature: z.string(),
  total_favorited: z.int(),
  work_count: z.int(),
  favorite_count: z.int(),
})
const Video = z.strictObject({
  id: z.int().positive(),
  author: User,
  play_url: z.url(),
  cover_url: z.url(),
  favorite_count: z.int(),
  comment_count: z.int(),
  is_favorite: z.boolean(),
  title: z.string(),
})
/** What an action answers that has nothing to say. */
export const Done = z.strictObject(status)
export const SignedIn = z.strictObject({ ...status, user_id: z.int().positive(), token: z.string().min(1) })
export const Feed = z.strictObject({ ...status, video_list: z.array(Video), next_time: z.int() })
export const List = z.strictObject({ ...status, video_list: z.array(Video) })
export const OneUser = z.strictObject({ ...status, user: User })

/** The answer of a success, checked against the table. */
export function read<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.infer<Schema> {
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(answer.json).toMatchObject({ status_code: 0 })
  return schema.parse(answer.json)
}

/** An error and nothing else, or with the fields that clients of sign-in always read. */
export function expectError(answer: Answer, fields: object = {}): void {
  expect(answer.status).toBe(200)
  const { status_code: code, status_msg: message, ...rest } = answer.json as Record<string, unknown>
  expect(code).not.toBe(0)
  expect(Number.isInteger(code)).toBe(true)
  expect(message).toEqual(expect.stringMatching(/./))
  expect(rest).toEqual(fields)
  expect(answer.text).not.toMatch(innerWorkings)
}

/** What a user looks like who has done nothing yet. */
export const plainUser = (one: Member) => ({
  id: one.user.id,
  name: one.user.name,
  follow_count: 0,
  follower_count: 0,
  is_follow: false,
  avatar: one.user.avatarUrl,
  background_image: '',
  signature: '',
  total_favorited: 0,
  work_count: 0,
  favorite_count: 0,
})
