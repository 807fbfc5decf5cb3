import { eventually } from '../../../support/stack.ts'
import { checkSame, checkValue, type Violation } from '../checker.ts'
import { checkEvents, toWireEvents } from '../event-checker.ts'
import { queryMysql } from '../stores.ts'
import type { Evidence } from '../workload.ts'
import type { Actor } from './members.ts'

/** A pair of follower and followed, as a number. */
export interface Pair {
  number: number
  from: Actor
  to: Actor
}

interface FollowRow {
  followerId: number
  followeeId: number
  isActive: number
  version: number
}

/** Compares ledger, rows, Kafka, and what both sides see: lists, friends and counters. */
export async function checkFollows(pairs: Pair[], { operations, messages }: Evidence): Promise<Violation[]> {
  const actors = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))]
  const ids = actors.map(({ id }) => id)
  const rows = await queryMysql<FollowRow>(
    `select follower_id as followerId, followee_id as followeeId, is_active as isActive, version from relation.follow
     where follower_id in (?) and followee_id in (?)`,
    [ids, ids],
  )
  const rowOf = ({ from, to }: Pair) => rows.find((row) => row.followerId === from.id && row.followeeId === to.id)
  const values = pairs.flatMap((pair) =>
    checkValue({
      subject: pair.number,
      place: `the row of ${pair.from.id} and ${pair.to.id}`,
      writes: operations.filter(({ op, subject }) => op === 'follow' && subject === pair.number),
      initial: 'does not',
      held: rowOf(pair)?.isActive ? 'follows' : 'does not',
    }),
  )
  const numberOf = (followerId: unknown, followeeId: unknown) =>
    pairs.find(({ from, to }) => from.id === followerId && to.id === followeeId)?.number
  const events = toWireEvents(messages, ({ followerId, followeeId, version }) => {
    const aggregateId = numberOf(followerId, followeeId)
    return aggregateId === undefined ? undefined : { aggregateId, version: Number(version) }
  })
  const topics = (version: number) =>
    Array.from({ length: version }, (_, index) => (index % 2 === 0 ? 'user.followed' : 'user.unfollowed'))
  const committed = new Map(
    pairs.map((pair) => [pair.number, { firstVersion: 1, topics: topics(rowOf(pair)?.version ?? 0) }]),
  )
  const active = rows.filter(({ isActive }) => isActive)
  const seen = await Promise.all(actors.map((actor) => checkViews(actor, active)))
  return [...values, ...checkEvents(events, committed), ...seen.flat()]
}

/** What a user and everybody else sees of their follows. */
async function checkViews(actor: Actor, rows: FollowRow[]): Promise<Violation[]> {
  const { relations, users } = await actor.api()
  const asMap = (ids: number[]) => new Map(ids.map((id) => [id, 'listed']))
  const followees = rows.filter(({ followerId }) => followerId === actor.id).map(({ followeeId }) => followeeId)
  const followers = rows.filter(({ followeeId }) => followeeId === actor.id).map(({ followerId }) => followerId)
  const friends = followees.filter((id) => followers.includes(id))
  // A breaker may be open for a moment after what was killed is back.
  const listed = async (page: () => Promise<{ items: { id: number }[] }>) =>
    asMap((await eventually(page)).items.map(({ id }) => id))
  const limit = 100 as never
  const { id } = actor
  const counted = await eventually(async () => {
    const { counters } = await users.get({ id })
    return counters.following === followees.length && counters.followers === followers.length
  }).catch(() => false)
  return [
    ...checkSame(`following of ${id}`, asMap(followees), await listed(() => relations.listFollowing({ id, limit }))),
    ...checkSame(`followers of ${id}`, asMap(followers), await listed(() => relations.listFollowers({ id, limit }))),
    ...checkSame(`friends of ${id}`, asMap(friends), await listed(() => relations.listFriends({ limit }))),
    ...(counted ? [] : [{ rule: 'stale', subject: id, detail: 'the counters are not the numbers of follows' }]),
  ]
}
