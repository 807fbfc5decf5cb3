import { z } from 'zod'
import { Id, Limit } from '../../common.ts'
import { blankable, decimal } from '../parameters.ts'

const base = z.object({ code: z.int(), msg: z.string() })
export const empty = z.object({ base })
export const envelope = <Data extends z.ZodType>(data: Data) => z.object({ base, data })

export const id = z.string().regex(/^\d+$/)
/** `YYYY-MM-DD HH:MM:SS` in UTC+8; `deleted_at` is empty unless deleted. */
export const time = z.string().regex(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?$/)

export const FanoneUser = z.object({
  id,
  username: z.string(),
  avatar_url: z.string(),
  created_at: time,
  updated_at: time,
  deleted_at: time,
})
export type FanoneUser = z.infer<typeof FanoneUser>

export const FanoneVideo = z.object({
  id,
  user_id: id,
  video_url: z.string(),
  cover_url: z.string(),
  title: z.string(),
  description: z.string(),
  visit_count: z.int(),
  like_count: z.int(),
  comment_count: z.int(),
  created_at: time,
  updated_at: time,
  deleted_at: time,
})
export type FanoneVideo = z.infer<typeof FanoneVideo>

/** 13 digits of ms; nothing means no bound. */
export const instant = blankable(
  z
    .string()
    .regex(/^\d{13}$/, 'must be 13 digits')
    .transform(Number),
)

const pageNumber = decimal(z.int().min(0).max(1_000_000))
const pageSize = decimal(Limit)

/** A page by number; pages count from 0. */
export const Paging = z.object({ page_num: blankable(pageNumber), page_size: blankable(pageSize) })

/** The same for the lists that insist on it. */
export const RequiredPaging = z.object({ page_num: pageNumber, page_size: pageSize })

/** A video or a comment, by exactly one of their ids. */
export const Target = z.object({ video_id: blankable(decimal(Id)), comment_id: blankable(decimal(Id)) })
export const hasOneId = (input: z.infer<typeof Target>) =>
  (input.video_id === undefined) !== (input.comment_id === undefined)
export const oneId = 'exactly one of video_id and comment_id is required'
