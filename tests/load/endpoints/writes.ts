/** The endpoints that change something, and pairs of a user and what this user likes or follows. */
import type { PlannedRequest } from '../closed-loop.ts'
import type { Community, Viewer } from './community.ts'
import { postForm, type Request, type Surface } from './surfaces.ts'

/** Somebody and the id of what is liked, followed or visited. */
export interface Pair {
  member: Viewer
  id: number
}

/** What pairs can have between them, and where it stands how many do and how many are counted. */
export interface Bond {
  /** All that there can be, apart from those that pages show. */
  pairs(community: Community): Pair[]
  /** Placeholders: ids of what is written to, ids of the members. */
  stored: string
  applied: string
}

export type BondName = 'like' | 'follow' | 'visit'

const toVideos = ({ members, written }: Community) =>
  written.flatMap((_, step) =>
    members.map((member, index) => ({ member, id: written[(step + 7 * index) % written.length] as number })),
  )

export const bonds: Record<BondName, Bond> = {
  like: {
    pairs: toVideos,
    stored:
      "select count(*) as n from interaction.content_like where kind = 'video' and content_id in (:written) and liked_id is not null",
    applied: "select coalesce(sum(likes), 0) as n from stats.content_counter where kind = 'video' and id in (:written)",
  },
  visit: {
    pairs: toVideos,
    stored:
      "select coalesce(sum(visits), 0) as n from interaction.visit_hour where kind = 'video' and content_id in (:written)",
    applied:
      "select coalesce(sum(visits), 0) as n from stats.content_counter where kind = 'video' and id in (:written)",
  },
  follow: {
    pairs: ({ members }) =>
      members.flatMap((_, step) =>
        members.flatMap((member, index) => {
          const { id } = members[(index + step) % members.length] as Viewer
          return id === member.id || member.follows.includes(id) ? [] : [{ member, id }]
        }),
      ),
    stored: 'select count(*) as n from relation.follow where is_active = 1 and follower_id in (:members)',
    applied: 'select coalesce(sum(following), 0) as n from stats.user_counter where id in (:members)',
  },
}

export interface WriteEndpoint {
  name: string
  surface: Surface
  target?: number
  bond: BondName
  /** Whether it makes the bond or ends it. */
  makes: boolean
  request(id: number): Request
  answer: Pick<PlannedRequest, 'status' | 'expected'>
}

const nothing = { status: 204, expected: '' }
const fanoneDone = { expected: '{"base":{"code":10000,"msg":"success"}}' }
const douyinDone = { expected: '{"status_code":0,"status_msg":"success"}' }
const put = (path: string): Request => ({ method: 'PUT', path })
const remove = (path: string): Request => ({ method: 'DELETE', path })

/** A pair that begins and ends a bond, with the target of both. */
const both = (
  names: [string, string],
  surface: Surface,
  bond: BondName,
  request: (makes: boolean) => WriteEndpoint['request'],
  answer: WriteEndpoint['answer'],
): WriteEndpoint[] =>
  names.map((name, index) => ({
    name,
    surface,
    target: 45,
    bond,
    makes: index === 0,
    request: request(index === 0),
    answer,
  }))

const likes: [string, string] = ['like', 'unlike']
const follows: [string, string] = ['follow', 'unfollow']
const method = (makes: boolean) => (makes ? put : remove)

export const writes: WriteEndpoint[] = [
  ...both(likes, '/v1', 'like', (makes) => (id) => method(makes)(`/v1/videos/${id}/like`), nothing),
  ...both(
    likes,
    'FanOne',
    'like',
    (makes) => (id) => postForm('/like/action', { video_id: id, action_type: makes ? 1 : 2 }),
    fanoneDone,
  ),
  ...both(
    likes,
    'Douyin',
    'like',
    (makes) => (id) => postForm(`/douyin/favorite/action/?video_id=${id}&action_type=${makes ? 1 : 2}`, {}),
    douyinDone,
  ),
  ...both(follows, '/v1', 'follow', (makes) => (id) => method(makes)(`/v1/users/me/following/${id}`), nothing),
  ...both(
    follows,
    'Douyin',
    'follow',
    (makes) => (id) => postForm(`/douyin/relation/action/?to_user_id=${id}&action_type=${makes ? 1 : 2}`, {}),
    douyinDone,
  ),
  {
    name: 'visit',
    surface: '/v1',
    bond: 'visit',
    makes: true,
    request: (id) => ({ method: 'POST', path: `/v1/videos/${id}/visits` }),
    answer: { expected: '{"counted":true}' },
  },
]
