import { comments } from './comments/comments.douyin.ts'
import { feeds } from './feeds/feeds.douyin.ts'
import { likes } from './likes/likes.douyin.ts'
import { relations } from './relations/relations.douyin.ts'
import { sessions } from './sessions/sessions.douyin.ts'
import { uploads } from './uploads/uploads.douyin.ts'
import { users } from './users/users.douyin.ts'
import { videos } from './videos/videos.douyin.ts'

/** The Douyin API: HTTP 200 always, errors by `status_code`. */
export const douyinContract = { users, sessions, uploads, videos, feeds, likes, comments, relations }
