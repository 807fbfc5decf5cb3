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
export const Card = Video.omit({
  authorId: true,
  sizeBytes: true,
  version: true,
  state: true,
  progress: true,
  reason: true,
  hlsKey: true,
  storyboardKey: true,
})
  .extend({ author: CardAuthor, counters: ContentCounters })
  .meta({ id: 'Card' })
export type Card = z.infer<typeof Card>

export const feedContract = {
  timelines: {
    /**
     * Newest first. Pages neither repeat nor skip items while videos arrive or vanish. Errors:
     * `malformed_cursor`.
     */
    newest: operation('timelines.newest', {
      idempotency: 'safe',
      input: z.object({ cursor: Cursor.optional(), limit: Limit }),
      output: orText(z.object({ items: z.array(Card), nextCursor: Cursor.nullable() })),
    }),
    /**
     * Cards created strictly between two instants (ms since 1970), newest first or oldest first.
     */
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
     * Most visited first. A cursor stays on the ranking of the first page for ten minutes, so pages
     * neither repeat nor skip. `offset` counts in the current ranking, without deleted videos.
     * Errors: `malformed_cursor`.
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
    /**
     * Rebuilds the timelines from the catalogue while readers are served. Answers the number of
     * videos.
     */
    rebuild: operation('timelines.rebuild', {
      idempotency: 'natural',
      isAlone: true,
      input: z.object({}),
      output: z.object({ videos: z.int() }),
    }),
  },
}
