import { z } from 'zod'
import { Empty, Id, Limit, MediaKey, UploadId } from './common.ts'
import { operation } from './operation.ts'
import { PICTURE_TIMEOUT_MS } from './picture.ts'

/** Pictures that can be found: of users, of videos, and out of them. */
export const ImageKind = z.enum(['avatar', 'cover', 'frame']).meta({ id: 'ImageKind' })
export type ImageKind = z.infer<typeof ImageKind>

/** How alike two pictures are: the cosine of their features. */
export const Likeness = z.number().min(-1).max(1)

/** A picture that was found. */
export const FoundImage = z.object({
  score: Likeness,
  kind: ImageKind,
  /** What to show; of a frame the cover of its video. */
  pictureKey: MediaKey,
  /** What it belongs to: a user or a video. */
  contentId: Id,
  /** Where in the video a frame is. */
  timeMs: z.int().min(0).nullable(),
})
export type FoundImage = z.infer<typeof FoundImage>

/** How far a rebuild is. */
export const ImageIndexState = z.object({
  /** Whether another index is filled beside the one that is searched. */
  isFilling: z.boolean(),
  pictures: z.int(),
  /** Pictures that are not in the newest index yet. */
  waiting: z.int(),
  /** Pictures that could not be read. */
  unreadable: z.int(),
})

const Search = z.object({
  limit: Limit,
  /** Leaves out what is less alike. */
  minScore: Likeness.optional(),
})

export const imageSearchContract = {
  images: {
    /**
     * The pictures that are most alike to an upload, the nearest first. Errors: `upload_not_found`,
     * `not_a_picture`, `unavailable`.
     */
    search: operation('images.search', {
      idempotency: 'safe',
      timeoutMs: PICTURE_TIMEOUT_MS,
      input: Search.extend({
        uploadId: UploadId,
        kinds: z.array(ImageKind).min(1).max(ImageKind.options.length).optional(),
        /** Only the pictures of this user. */
        ownerId: Id.optional(),
      }),
      output: z.object({ items: z.array(FoundImage) }),
    }),
    /** Other videos, by their most alike picture. Errors: `unavailable`. */
    similarVideos: operation('images.similarVideos', {
      idempotency: 'safe',
      input: Search.extend({ videoId: Id }),
      output: z.object({ items: z.array(z.object({ videoId: Id, score: Likeness })) }),
    }),
  },
  indexes: {
    /** Begins another index, which replaces the one there is once it is full. */
    rebuild: operation('indexes.rebuild', { idempotency: 'natural', input: Empty, output: Empty }),
    state: operation('indexes.state', { idempotency: 'safe', input: Empty, output: ImageIndexState }),
  },
}
