import { z } from 'zod'
import { Id, IdBatch, Instant, MAX_BATCH } from './common.ts'
import { ContentKind, ContentRef } from './content.ts'
import { defineEvent } from './event.ts'
import { operation } from './operation.ts'

const Count = z.int().min(0)

/** `comments` counts those on the content itself; for a comment these are its replies. */
export const ContentCounters = z
  .object({ likes: Count, comments: Count, visits: Count })
  .meta({ id: 'ContentCounters' })
export type ContentCounters = z.infer<typeof ContentCounters>

export const UserCounters = z
  .object({ works: Count, likesReceived: Count, likesGiven: Count, following: Count, followers: Count })
  .meta({ id: 'UserCounters' })
export type UserCounters = z.infer<typeof UserCounters>

export const RankingPeriod = z.enum(['hour', 'day', 'week', 'all'])
export type RankingPeriod = z.infer<typeof RankingPeriod>

/** Present values of counters, not changes; `version` grows with every change of one content. */
const ChangedCounters = ContentRef.extend(ContentCounters.shape).extend({ version: z.int().positive() })

/** The most visited videos of a period, most first; `version` grows with every change. */
const Ranking = z.object({
  period: RankingPeriod,
  version: z.int().positive(),
  at: Instant,
  items: z.array(z.object({ videoId: Id, visits: z.int().positive() })).max(500),
})

/**
 * The result of a rebuild: the sum by which each counter was off, and the number of such subjects.
 * All are repaired.
 */
export const RebuildReport = z.object({
  checked: z.object({ contents: z.int(), users: z.int() }),
  drift: z.record(z.string(), z.object({ subjects: z.int(), sum: z.int() })),
  repaired: z.int(),
  /** Subjects that changed whenever they were looked at; they are for the next rebuild to judge. */
  unsettled: z.int(),
  error: z.string().optional(),
})
export type RebuildReport = z.infer<typeof RebuildReport>

export const statsContract = {
  counters: {
    /** In the order asked; what nothing is known of has zeros. */
    ofContent: operation('counters.ofContent', {
      idempotency: 'safe',
      input: z.object({ targets: z.array(ContentRef).min(1).max(MAX_BATCH) }),
      output: z.object({ items: z.array(ContentRef.extend(ContentCounters.shape)) }),
    }),
    /** In the order of the request; zeros for unknown users. */
    ofUsers: operation('counters.ofUsers', {
      idempotency: 'safe',
      input: z.object({ ids: IdBatch }),
      output: z.object({ items: z.array(UserCounters.extend({ id: Id })) }),
    }),
    /** Counters of all content of one kind, in id order, for rebuilding projections. */
    walk: operation('counters.walk', {
      idempotency: 'safe',
      timeoutMs: 10_000,
      input: z.object({ kind: ContentKind, afterId: z.int().min(0), limit: z.int().min(1).max(500) }),
      output: z.object({ items: z.array(ChangedCounters) }),
    }),
  },
  rankings: {
    /** The last published ranking; empty with version 0 before the first. */
    get: operation('rankings.get', {
      idempotency: 'safe',
      input: z.object({ period: RankingPeriod }),
      output: Ranking.extend({ version: z.int().min(0) }),
    }),
  },
  rebuilds: {
    /** Starts a recount from the services that own the rows, or returns the one that runs. */
    start: operation('rebuilds.start', {
      idempotency: 'keyed',
      isAlone: true,
      input: z.object({}),
      output: z.object({ id: Id }),
    }),
    /** Errors: `not_found`. */
    get: operation('rebuilds.get', {
      idempotency: 'safe',
      input: z.object({ id: Id }),
      output: z.object({ state: z.enum(['running', 'done', 'failed']), report: RebuildReport }),
    }),
  },
}

/**
 * What counters are now. In no order: an event tells of many subjects, each with the version of its
 * counters, and who knows a newer one ignores an older one.
 */
export const countersChanged = defineEvent(
  'counters.changed',
  1,
  z.object({ items: z.array(ChangedCounters).min(1).max(200) }),
  { orderedBy: 'nothing' },
)

/**
 * The whole ranking, at most once in a second and a half and only when it changed. Ordered by
 * period, each of which has versions of its own.
 */
export const rankingUpdated = defineEvent('ranking.updated', 1, Ranking, { orderedBy: ({ period }) => period })
