import { z } from 'zod'

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
