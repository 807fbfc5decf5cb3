import { z } from 'zod'
import { Id } from '../../common.ts'
import { Password } from '../../credentials.ts'
export const status = { status_code: z.int(), status_msg: z.string() }
export const count = z.int().min(0)

export const DouyinUser = z.object({
  id: Id,
  name: z.string(),
  follow_count: count,
  follower_count: count,
  is_follow: z.boolean(),
  avatar: z.string(),
  background_image: z.string(),
  signature: z.string(),
  total_favorited: count,
  work_count: count,
  favorite_count: count,
})
export type DouyinUser = z.infer<typeof DouyinUser>

export const DouyinVideo = z.object({
  id: Id,
  author: DouyinUser,
  play_url: z.string(),
  cover_url: z.string(),
  favorite_count: count,
  comment_count: count,
  is_favorite: z.boolean(),
  title: z.string(),
})
export type DouyinVideo = z.infer<typeof DouyinVideo>

export const token = z.string().max(4_096)

/** This API allows passwords of 32 characters, not of 64. */
export const DouyinPassword = Password.refine((value) => [...value].length <= 32, {
  message: 'must be at most 32 characters',
  params: { rule: 'tooLong' },
}).meta({ minLength: 6, maxLength: 32 })

export const SignedIn = z.object({ ...status, user_id: z.int(), token: z.string() })
