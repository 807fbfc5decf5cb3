import { expect } from 'vitest'
import { z } from 'zod'
import type { Member } from '../support/community.ts'
import { type Answer, innerWorkings } from '../support/http.ts'

// The tables of the FanOne API, written down once more and independently of our contracts.
const Base = z.strictObject({ code: z.int(), msg: z.string().min(1) })
const Time = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
const Id = z.string().regex(/^[1-9]\d*$/)
export const User = z.strictObject({
  id: Id,
  username: z.string(),
  avatar_url: z.string(),
  created_at: Time,
  updated_at: Time,
  deleted_at: z.literal(''),
})
const Video = z.strictObject({
  id: Id,
  user_id: Id,
  video_url: z.url(),
  cover_url: z.url(),
  title: z.string(),
  description: z.string(),
  visit_count: z.int(),
  like_count: z.int(),
  comment_count: z.int(),
  created_at: Time,
  updated_at: Time,
  deleted_at: z.literal(''),
})
export const success = { code: 10000, msg: 'success' }
/** The envelope around what an endpoint answers. */
export const of = <Data extends z.ZodType>(data: Data) => z.strictObject({ base: Base, data })
export const Feed = of(z.strictObject({ items: z.array(Video) }))
export const List = of(z.strictObject({ items: z.array(Video), total: z.int() }))

/** The answer of a success, checked against the table. */
export function read<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.infer<Schema> {
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  const parsed = schema.parse(answer.json)
  expect(parsed).toMatchObject({ base: success })
  return parsed
}

/** An error and nothing else, with HTTP status 200. */
export function expectCode(answer: Answer, code: number): void {
  expect({ status: answer.status, json: answer.json }).toMatchObject({ status: 200, json: { base: { code } } })
  z.strictObject({ base: Base }).parse(answer.json)
  expect(answer.text).not.toMatch(innerWorkings)
}

/** The two token headers of a member. */
export const headersOf = (one: Pick<Member, 'tokens'>) => ({
  'Access-Token': one.tokens.accessToken,
  'Refresh-Token': one.tokens.refreshToken,
})
