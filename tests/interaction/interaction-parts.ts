import type { ContentRef } from '@fanone/contracts'
import { callMark, type Identity, KnownUsers } from '@fanone/service-kit'
import { CascadeRepository } from '../../services/interaction/src/cascade/cascade.repository.ts'
import { cascadeWorker } from '../../services/interaction/src/cascade/cascade.worker.ts'
import { CommentRepository } from '../../services/interaction/src/comment/comment.repository.ts'
import { type CommentCall, CommentService } from '../../services/interaction/src/comment/comment.service.ts'
import { contentEvents } from '../../services/interaction/src/content/content.events.ts'
import { ContentRepository } from '../../services/interaction/src/content/content.repository.ts'
import { ContentService } from '../../services/interaction/src/content/content.service.ts'
import { countersEvents } from '../../services/interaction/src/counters/counters.events.ts'
import { CountersRepository } from '../../services/interaction/src/counters/counters.repository.ts'
import { database as definition } from '../../services/interaction/src/database.ts'
import { type LikeCall, LikeChanges } from '../../services/interaction/src/like/like.changes.ts'
import { LikeRepository } from '../../services/interaction/src/like/like.repository.ts'
import { LikeService } from '../../services/interaction/src/like/like.service.ts'
import { type Viewing, VisitChanges } from '../../services/interaction/src/visit/visit.changes.ts'
import { VisitRepository } from '../../services/interaction/src/visit/visit.repository.ts'
import { VisitService } from '../../services/interaction/src/visit/visit.service.ts'
import { playedUsers, profileOf } from '../support/played-users.ts'
import { scratchDatabase, silentLog } from '../support/scratch-database.ts'

/** Ids from here on are nobody's. */
const NOBODIES_FROM = 1_000_000_000

export const userWithId = (userId: number) => ({ userId, sessionId: 'test' })

/** A call that writes a comment, as the operation makes it. */
export const commentBy = (userId: number, input: CommentCall['input'], key?: string): CommentCall => ({
  operation: 'comments.create',
  identity: userWithId(userId),
  key,
  input,
  within: (work) => work(),
})

type Verb = 'like' | 'unlike'

/** Calls of likes, as the operations make them. */
function likesBy(service: LikeService) {
  const callOf = (verb: Verb, { userId }: Identity, target: ContentRef, key?: string): LikeCall => ({
    target,
    userId,
    mark: callMark(`likes.${verb}`, key),
    within: (work) => work(),
  })
  const alone =
    (verb: Verb) =>
    (...of: [identity: Identity, target: ContentRef, key?: string]) =>
      service[verb](callOf(verb, ...of))
  return {
    service,
    callOf,
    like: alone('like'),
    unlike: alone('unlike'),
    flags: service.flags.bind(service),
    listByUser: service.listByUser.bind(service),
    walk: service.walk.bind(service),
  }
}

/** Visits, as the operations record them. */
function visitsBy(service: VisitService) {
  const viewingOf = ({ userId }: Identity, target: ContentRef, key?: string): Viewing => ({
    target,
    viewer: `user:${userId}`,
    mark: callMark('visits.record', key),
    within: (work) => work(),
  })
  return {
    service,
    viewingOf,
    record: (identity: Identity, { target }: { target: ContentRef }, key?: string) =>
      service.record(viewingOf(identity, target, key)),
    walk: service.walk.bind(service),
  }
}

/**
 * The parts of the interaction service over a database of their own, as many instances as a test
 * wants.
 */
export async function interactionParts() {
  const scratch = await scratchDatabase(definition)
  /** What the video service would answer, by id. */
  const catalogue = new Map<number, { id: number; authorId: number }>()
  const getVideos = async ({ ids }: { ids: number[] }) => ({ items: ids.flatMap((id) => catalogue.get(id) ?? []) })

  const user = playedUsers((id) => (id < NOBODIES_FROM ? profileOf(id) : undefined))

  async function instance() {
    const database = await scratch.open()
    const users = new KnownUsers({ database, getProfiles: user.getProfiles, log: silentLog })
    const contents = new ContentRepository(database)
    const contentService = new ContentService({ contents, getVideos })
    const cascades = new CascadeRepository(database)
    const worker = cascadeWorker({ database, cascades, log: silentLog })
    const onDeleted = () => worker.wake()
    const visits = new VisitRepository(database)
    return {
      database,
      cascades,
      worker,
      visitRows: visits,
      events: {
        ...contentEvents({ database, contents, onDeleted }),
        ...users.handlers,
        ...countersEvents(new CountersRepository(database)),
      },
      likes: likesBy(
        new LikeService({
          likes: new LikeRepository(database),
          changes: new LikeChanges(database),
          contents: contentService,
        }),
      ),
      comments: new CommentService({
        database,
        // The word list has its own test, tests/e2e/sensitive-words.test.ts.
        words: { check: (texts) => texts },
        comments: new CommentRepository(database),
        contents: contentService,
        users,
        onDeleted,
      }),
      visits: visitsBy(new VisitService({ visits, changes: new VisitChanges(database), contents: contentService })),
    }
  }

  const first = await instance()
  return {
    ...first,
    instance,
    catalogue,
    user,
    admin: scratch.admin,
    /** MySQL's user of all instances. */
    mysqlUser: scratch.name,

    async query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
      const [rows] = await scratch.admin.query(sql.replaceAll('@.', `${scratch.name}.`), values)
      return rows as Row[]
    },

    /** The events in the outbox by topic and what they tell of, oldest first. */
    async eventsOf(contentId: number): Promise<{ topic: string; data: Record<string, unknown> }[]> {
      const rows = await first.database
        .em()
        .execute<{ topic: string; data: string }[]>('select topic, data from outbox order by seq')
      const events = rows.map(({ topic, data }) => ({ topic, data: JSON.parse(data) }))
      return events.filter(({ data }) => data.contentId === contentId)
    },

    close: () => scratch.drop(),
  }
}

export type InteractionParts = Awaited<ReturnType<typeof interactionParts>>

/** A delivery of an event about a video. */
export function delivery(topic: string, data: { videoId: number; authorId: number }) {
  const event = { id: `${topic} ${data.videoId}`, source: 'video', type: `${topic}.v1`, specversion: '1.0', data }
  return { event, data: { ...data, version: 2, deletedAt: new Date().toISOString() }, log: silentLog } as never
}
