import { database as definition } from '../../services/relation/src/database.ts'
import { FollowRepository } from '../../services/relation/src/follow/follow.repository.ts'
import { FollowService } from '../../services/relation/src/follow/follow.service.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

/** Ids below this are nobody's. */
export const FIRST_USER = 10
export const userWithId = (userId: number) => ({ userId, sessionId: 'test' })

/** The parts of the relation service over a database of their own. */
export async function relationParts() {
  const scratch = await scratchDatabase(definition)
  const database = await scratch.open()
  const asked: number[][] = []
  const service = new FollowService({
    database,
    follows: new FollowRepository(database),
    getProfiles: async ({ ids }) => {
      asked.push(ids)
      return { items: ids.filter((id) => id >= FIRST_USER).map((id) => ({ id })) }
    },
  })
  return {
    database,
    service,
    /** What the user service was asked for. */
    asked,
    close: () => scratch.drop(),

    /** Whether each follow or unfollow in turn changed something. */
    async change(from: number, to: number, ...steps: ('follow' | 'unfollow')[]): Promise<boolean[]> {
      const changed: boolean[] = []
      for (const step of steps) changed.push((await service[step](userWithId(from), { userId: to }, undefined)).changed)
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
