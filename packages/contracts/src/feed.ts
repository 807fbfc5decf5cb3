import { z } from 'zod'
import { Cursor, Id, Limit, MediaKey } from './common.ts'
import { orText } from './json-text.ts'
import { operation } from './operation.ts'
import { Video } from './video.ts'

/** The author as a card shows them. */
export const CardAuthor = z
  .object({ id: Id, username: z.string(), name: z.string(), avatarKey: MediaKey.nullable() })
  .meta({ id: 'CardAuthor' })

/** A video as a timeline shows it: everything a page needs, so that no other service is asked. */
export const Card = Video.omit({ authorId: true, sizeBytes: true, version: true })
  .extend({ author: CardAuthor })
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
    /** Fills the timelines anew from the catalogue; readers keep being served. Answers how many videos they hold. */
    rebuild: operation('timelines.rebuild', {
      idempotency: 'natural',
      input: z.object({}),
      output: z.object({ videos: z.int() }),
    }),
  },
}
