import { callMark, type Identity, KnownUsers } from '@fanone/service-kit'
import { database as definition } from '../../services/relation/src/database.ts'
import { type FollowCall, FollowChanges } from '../../services/relation/src/follow/follow.changes.ts'
import { FollowRepository } from '../../services/relation/src/follow/follow.repository.ts'
import { FollowService } from '../../services/relation/src/follow/follow.service.ts'
import { playedUsers, profileOf } from '../support/played-users.ts'
import { scratchDatabase, silentLog } from '../support/scratch-database.ts'

type Verb = 'follow' | 'unfollow'

/** Ids below this are nobody's. */
export const FIRST_USER = 10
export const userWithId = (userId: number) => ({ userId, sessionId: 'test' })

/** The parts of the relation service over a database of their own. */
export async function relationParts() {
  const scratch = await scratchDatabase(definition)
  const database = await scratch.open()
  const user = playedUsers((id) => (id >= FIRST_USER ? profileOf(id) : undefined))
  const users = new KnownUsers({ database, getProfiles: user.getProfiles, log: silentLog })
  const rows = new FollowService({
    follows: new FollowRepository(database),
    changes: new FollowChanges(database),
    users,
    getProfiles: user.getProfiles,
  })
  const callOf = (verb: Verb, followerId: number, followeeId: number, key?: string): FollowCall => ({
    followerId,
    followeeId,
    mark: callMark(`follows.${verb}`, key),
    within: (work) => work(),
  })
  /** As the operations call it. */
  const service = {
    follow: ({ userId }: Identity, input: { userId: number }, key?: string) =>
      rows.follow(callOf('follow', userId, input.userId, key)),
    unfollow: async ({ userId }: Identity, input: { userId: number }, key?: string) =>
      (await rows.unfollowMany([callOf('unfollow', userId, input.userId, key)]))[0] as { changed: boolean },
    followMany: rows.followMany.bind(rows),
    unfollowMany: rows.unfollowMany.bind(rows),
    list: rows.list.bind(rows),
    page: rows.page.bind(rows),
    followed: rows.followed.bind(rows),
    flags: rows.flags.bind(rows),
    walk: rows.walk.bind(rows),
  }
  return {
    database,
    service,
    callOf,
    /** The user service it asks. */
    user,
    events: users.handlers,
    close: () => scratch.drop(),

    /** Whether each follow or unfollow in turn changed something. */
    async change(from: number, to: number, ...steps: ('follow' | 'unfollow')[]): Promise<boolean[]> {
      const changed: boolean[] = []
      for (const step of steps) changed.push((await service[step](userWithId(from), { userId: to })).changed)
      return changed
    },

    /** Topic and version of everything in the outbox that tells of two users, oldest first. */
    async eventsOf(from: number, to: number): Promise<string[]> {
      const rows = await database
        .em()
        .execute<{ topic: string; data: string }[]>('select topic, data from outbox order by seq')
      const events = rows.map(({ topic, data }) => ({ topic, ...JSON.parse(data) }))
      const ofPair = events.filter(({ followerId, followeeId }) => followerId === from && followeeId === to)
      return ofPair.map(({ topic, version }) => `${topic} ${version}`)
    },
  }
}

export type RelationParts = Awaited<ReturnType<typeof relationParts>>
