import type { PublicRoute } from '../public-routes.ts'
import type { GoodValues } from './drafts.ts'

/** What requests can be about. */
export interface Subjects {
  userId: number
  videoId: number
  commentId: number
  /** One that nobody needs any more. */
  sessionId: string
  passkeyId: number
}

/** The subject of a route's id, if its name does not say. */
function subjectOf({ path }: Pick<PublicRoute, 'path'>): keyof Subjects {
  if (path.startsWith('/v1/sessions/')) return 'sessionId'
  if (path.startsWith('/v1/users/me/passkeys/')) return 'passkeyId'
  if (/^\/(v1\/comments\/|comment\/delete)/.test(path)) return 'commentId'
  if (/^\/(v1\/users|v1\/follows|user|video|following|follower|relation|douyin\/(user|relation|publish))/.test(path))
    return 'userId'
  return /^\/(douyin\/favorite|like)\/list/.test(path) ? 'userId' : 'videoId'
}

/** Values that a route accepts. */
export function goodValuesFor(route: Pick<PublicRoute, 'path'>, subjects: Subjects): GoodValues {
  const { userId, videoId, commentId } = subjects
  return {
    id: subjects[subjectOf(route)],
    user_id: userId,
    to_user_id: userId,
    ids: String(userId),
    userIds: String(userId),
    videoIds: String(videoId),
    commentIds: String(commentId),
    // Where either will do, both are one too many.
    ...(route.path === '/comment/delete' ? { comment_id: commentId } : { video_id: videoId }),
    ...(route.path === '/v1/reports' ? { kind: 'video', text: 'a report' } : {}),
    ...(route.path.startsWith('/v1/ops/') ? { kind: 'video', decision: 'dismissed' } : {}),
    action_type: route.path === '/relation/action' ? '0' : '1',
    phone: '+8613800138000',
    purpose: 'sign_in',
    code: '000000',
    comment_text: 'a comment',
    limit: 5,
    page_size: 5,
    latest_time: 0,
  }
}
