import { api } from '../../../support/community.ts'
import { eventually } from '../../../support/stack.ts'
import { checkSame, checkValue, type Violation } from '../checker.ts'
import type { Message } from '../kafka.ts'
import { queryMysql } from '../stores.ts'
import type { Evidence } from '../workload.ts'
import type { Actor } from './members.ts'

interface LikeRow {
  userId: number
  videoId: number
  isLiked: 0 | 1
}

/** Ledger against rows, rows against the events on Kafka, the counters and the users' own flags. */
export async function checkLikes(
  { videoIds, users }: { videoIds: number[]; users: Actor[] },
  { operations, messages }: Evidence,
): Promise<Violation[]> {
  const rows = await queryMysql<LikeRow>(
    `select user_id as userId, content_id as videoId, liked_id is not null as isLiked
     from interaction.content_like where kind = 'video' and content_id in (?)`,
    [videoIds],
  )
  const toggles = operations.filter(({ op, subject }) => op === 'like.toggle' && videoIds.includes(Number(subject)))
  const liked = rows.filter(({ isLiked }) => isLiked)
  return [
    ...checkRows(
      rows,
      Map.groupBy(toggles, ({ userId, subject }) => pairOf(userId, Number(subject))),
    ),
    ...checkLikeEvents(rows, messages, new Set(videoIds)),
    ...(await checkCounters(videoIds, liked)),
    ...(await checkFlags(users, videoIds, liked)),
  ]
}

const pairOf = (userId: number, videoId: number) => `user ${userId}, video ${videoId}`

/** One row for each user and video at most, and it says what was toggled last. */
function checkRows(rows: LikeRow[], toggles: Map<string, Evidence['operations']>): Violation[] {
  const held = Map.groupBy(rows, ({ userId, videoId }) => pairOf(userId, videoId))
  const violations: Violation[] = []
  for (const [subject, writes] of toggles) {
    const [row, ...others] = held.get(subject) ?? []
    if (others.length > 0)
      violations.push({ rule: 'duplicate', subject, detail: `${others.length + 1} rows for one like` })
    const state = row?.isLiked ? 'liked' : 'not liked'
    violations.push(...checkValue({ subject, place: 'the table of likes', writes, initial: 'not liked', held: state }))
  }
  for (const subject of held.keys())
    if (!toggles.has(subject)) violations.push({ rule: 'invented', subject, detail: 'stored and never asked for' })
  return violations
}

/** Events under their ids, repeats left out: likes less ends are what the row says. */
function checkLikeEvents(rows: LikeRow[], messages: Message[], videoIds: ReadonlySet<number>): Violation[] {
  const seen = new Set<string>()
  const sums = new Map<string, number>()
  for (const { topic, value } of messages) {
    if (topic !== 'content.liked' && topic !== 'content.unliked') continue
    const { id, data } = JSON.parse(value) as {
      id: string
      data: { kind: string; contentId: number; userId: number }
    }
    if (data.kind !== 'video' || !videoIds.has(data.contentId) || seen.has(id)) continue
    seen.add(id)
    const pair = pairOf(data.userId, data.contentId)
    sums.set(pair, (sums.get(pair) ?? 0) + (topic === 'content.liked' ? 1 : -1))
  }
  const stored = new Map(rows.map((row) => [pairOf(row.userId, row.videoId), Number(row.isLiked)]))
  return [...new Set([...sums.keys(), ...stored.keys()])].flatMap((subject): Violation[] => {
    const [sum, state] = [sums.get(subject) ?? 0, stored.get(subject) ?? 0]
    if (sum === state) return []
    const detail = `the events add up to ${sum}, the row says ${state}`
    return [{ rule: sum < state ? 'lost' : 'duplicate', subject, detail }]
  })
}

/** What stats counts, as everybody sees it. */
async function checkCounters(videoIds: number[], liked: LikeRow[]): Promise<Violation[]> {
  const expected = new Map(videoIds.map((id) => [id, `${liked.filter(({ videoId }) => videoId === id).length} likes`]))
  const read = async () => {
    const videos = await Promise.all(videoIds.map((id) => api().videos.get({ id })))
    return new Map(videos.map(({ id, counters }) => [id, `${counters.likes} likes`]))
  }
  return settle(read, (held) => checkSame('the counters', expected, held))
}

/** The likes that users see as their own. */
async function checkFlags(users: Actor[], videoIds: number[], liked: LikeRow[]): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const user of users) {
    const own = liked.filter(({ userId }) => userId === user.id)
    const expected = new Map(own.map(({ videoId }) => [videoId, 'liked']))
    const flags = await eventually(async () => (await user.api()).likes.getFlags({ videoIds: videoIds.join() }))
    const held = new Map(flags.videoIds.map((id) => [id, 'liked']))
    violations.push(...checkSame(`the flags of user ${user.id}`, expected, held))
  }
  return violations
}

/** The violations that stay: counters are shown from a cache that may be a moment old. */
export async function settle<Held>(
  read: () => Promise<Held>,
  check: (held: Held) => Violation[],
): Promise<Violation[]> {
  let violations: Violation[] = []
  const isRight = async () => {
    violations = check(await read())
    return violations.length === 0
  }
  await eventually(isRight).catch((error) => {
    if (violations.length === 0) throw error
  })
  return violations
}
