import { comments } from './comments/comments.v1.ts'
import { feeds } from './feeds/feeds.v1.ts'
import { keys } from './keys/keys.v1.ts'
import { likes } from './likes/likes.v1.ts'
import { monitoring } from './monitoring/monitoring.v1.ts'
import { ops } from './ops/ops.v1.ts'
import { passkeys } from './passkeys/passkeys.v1.ts'
import { phones } from './phones/phones.v1.ts'
import { pictures } from './pictures/pictures.v1.ts'
import { relations } from './relations/relations.v1.ts'
import { reports } from './reports/reports.v1.ts'
import { sessions } from './sessions/sessions.v1.ts'
import { totp } from './totp/totp.v1.ts'
import { uploads } from './uploads/uploads.v1.ts'
import { users } from './users/users.v1.ts'
import { videos } from './videos/videos.v1.ts'
import { visits } from './visits/visits.v1.ts'

/** The native API, noun by noun. Errors are RFC 9457 problems. */
export const v1Contract = {
  users,
  sessions,
  totp,
  phones,
  passkeys,
  keys,
  uploads,
  pictures,
  videos,
  feeds,
  likes,
  comments,
  visits,
  relations,
  reports,
  ops,
  monitoring,
}
