import { z } from 'zod'

/** A 53-bit, time-ordered identifier; see `idTimeMs` for how to read its time. */
export const Id = z
  .int({ error: ({ input }) => (typeof input === 'number' ? 'must be a whole number of at most 53 bits' : undefined) })
  .positive()
  .meta({ id: 'Id', description: 'Time-ordered identifier, at most 53 bits' })

/** An instant as RFC 3339 text in UTC, for example `2026-11-21T12:00:00.000Z`. */
export const Instant = z.iso.datetime().meta({ id: 'Instant' })

/**
 * Path of a media file under the public media root, for example `ab12/video.mp4`; never an absolute
 * path or URL.
 */
export const MediaKey = z.string().max(200)

/** Names an upload in storage: 128 random bits in hex, made by whoever receives the bytes. */
export const UploadId = z.string().regex(/^[0-9a-f]{32}$/)

/** Opaque position in a list; only what a previous page returned is accepted. */
export const Cursor = z.string().min(1).max(200)

/** How many items a page holds. */
export const Limit = z.int().min(1).max(100)

/** How long a list is that is not shown in pages. */
export const MAX_LISTED = 2_000

/** How many items a page holds, or a whole list. */
export const ListLimit = z.int().min(1).max(MAX_LISTED)

/** Most ids in one call; for more, call again. */
export const MAX_BATCH = 100

/** From where somebody acts, as it is shown in the list of their sessions and in the audit log. */
export const SessionOrigin = z.object({ device: z.string().max(200), address: z.string().max(45) })
export type SessionOrigin = z.infer<typeof SessionOrigin>

/** The ids of one batch; repeats are allowed (answered once). */
export const IdBatch = z.array(Id).min(1).max(MAX_BATCH)

/** The answer of an operation that has nothing to say. */
export const Empty = z.object({})
