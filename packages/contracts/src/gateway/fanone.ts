import { chunks } from './chunks/chunks.fanone.ts'
import { comments } from './comments/comments.fanone.ts'
import { feeds } from './feeds/feeds.fanone.ts'
import { likes } from './likes/likes.fanone.ts'
import { pictures } from './pictures/pictures.fanone.ts'
import { relations } from './relations/relations.fanone.ts'
import { sessions } from './sessions/sessions.fanone.ts'
import { totp } from './totp/totp.fanone.ts'
import { uploads } from './uploads/uploads.fanone.ts'
import { users } from './users/users.fanone.ts'
import { videos } from './videos/videos.fanone.ts'

/** The FanOne API: HTTP 200 always, errors by `base.code`. */
export const fanoneContract = {
  users,
  sessions,
  totp,
  uploads,
  chunks,
  pictures,
  videos,
  feeds,
  likes,
  comments,
  relations,
}
