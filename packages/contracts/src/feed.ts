import { z } from 'zod'
import { Cursor, Id, Limit, MediaKey } from './common.ts'
import { orText } from './json-text.ts'
import { operation } from './operation.ts'
import { ContentCounters, RankingPeriod } from './stats.ts'
import { Video } from './video.ts'

/** The author as a card shows them. */
export const CardAuthor = z
  .object({ id: Id, username: z.string(), name: z.string(), avatarKey: MediaKey.nullable() })
  .meta({ id: 'CardAuthor' })

/** A video as a timeline shows it: everything a page needs, so that no other service is asked. */
export const Card = Video.omit({ authorId: true, sizeBytes: true, version: true })
  .extend({ author: CardAuthor, counters: ContentCounters })
  .meta({ id: 'Card' })
export type Card = z.infer<typeof Card>

export const feedContract = {
  timelines: {
    /**
     * Newest first. A cursor neither repeats nor skips while videos arrive or vanish between pages. Errors: `malformed_cursor`.
     */
    newest: operation('timelines.newest', {
      idempotency: 'safe',
      input: z.object({ cursor: Cursor.optional(), limit: Limit }),
      output: orText(z.object({ items: z.array(Card), nextCursor: Cursor.nullable() })),
    }),
    /** Cards created strictly between two instants (ms since 1970), newest first or oldest first. */
    between: operation('timelines.between', {
      idempotency: 'safe',
      input: z.object({
        afterMs: z.int().min(0).optional(),
        beforeMs: z.int().min(0).optional(),
        order: z.enum(['newestFirst', 'oldestFirst']),
        limit: Limit,
      }),
      output: orText(z.object({ items: z.array(Card) })),
    }),
    /**
     * Most visited first. Pages of one cursor belong to one ranking, as it was when the first was read, so they neither repeat nor skip;
     * a cursor is good for ten minutes. With `offset` it is the ranking of now from there on, without what was deleted. Errors:
     * `malformed_cursor`.
     */
    popular: operation('timelines.popular', {
      idempotency: 'safe',
      input: z.object({
        period: RankingPeriod,
        cursor: Cursor.optional(),
        offset: z.int().min(0).optional(),
        limit: Limit,
      }),
      output: orText(z.object({ items: z.array(Card), nextCursor: Cursor.nullable() })),
    }),
    /** The videos of those a user follows, newest first. Errors: `malformed_cursor`. */
    following: operation('timelines.following', {
      idempotency: 'safe',
      input: z.object({ userId: Id, cursor: Cursor.optional(), limit: Limit }),
      output: orText(z.object({ items: z.array(Card), nextCursor: Cursor.nullable() })),
    }),
    /** Fills the timelines anew from the catalogue; readers keep being served. Answers how many videos they hold. */
    rebuild: operation('timelines.rebuild', {
      idempotency: 'natural',
      input: z.object({}),
      output: z.object({ videos: z.int() }),
    }),
  },
}
