import { z } from 'zod'
import { Cursor, Empty, Id, IdBatch, Instant, Limit, ListLimit, MediaKey, UploadId } from './common.ts'
import { defineEvent } from './event.ts'
import { operation } from './operation.ts'
import { PICTURE_TIMEOUT_MS } from './picture.ts'
import { line, text } from './text.ts'
import { uploadOperations } from './upload.ts'

export const Title = line({ min: 1, max: 100 })
export const Description = text({ max: 2000 })

/**
 * What becomes of a video once it is published: `processing` until everything is made of it,
 * `failed` where that is not possible. Until then, and without renditions, the upload is played.
 */
export const VideoState = z.enum(['processing', 'ready', 'failed']).meta({ id: 'VideoState' })
export type VideoState = z.infer<typeof VideoState>

export const Video = z
  .object({
    id: Id,
    authorId: Id,
    title: z.string(),
    description: z.string(),
    videoKey: MediaKey,
    coverKey: MediaKey,
    durationMs: z.int(),
    width: z.int(),
    height: z.int(),
    sizeBytes: z.int(),
    state: VideoState.default('ready'),
    /** How far the processing is, in percent; 100 when ready. */
    progress: z.int().min(0).max(100).default(100),
    /** Why it failed, for people. */
    reason: z.string().nullable().default(null),
    /** The playlist of the renditions. */
    hlsKey: MediaKey.nullable().default(null),
    /** WebVTT that shows small pictures along the video. */
    storyboardKey: MediaKey.nullable().default(null),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Video' })
export type Video = z.infer<typeof Video>

/** How far a video is. */
export const VideoProcessing = Video.pick({ state: true, progress: true, reason: true }).meta({
  id: 'VideoProcessing',
})
export type VideoProcessing = z.infer<typeof VideoProcessing>

const VideoPage = z.object({ items: z.array(Video), nextCursor: Cursor.nullable() })

export const VideoEdit = z.object({ title: Title, description: Description }).partial().meta({ id: 'VideoEdit' })

/**
 * Conditions that a video must all fulfil. The keyword is in title or description, without regard
 * to case; both instants (ms since 1970) are inclusive; the name is a part of the author's user
 * name or name. Empty and missing conditions are ignored.
 */
export const VideoSearch = z.object({
  keyword: text({ max: 100 }).default(''),
  fromMs: z.int().min(0).optional(),
  toMs: z.int().min(0).optional(),
  authorName: text({ max: 100 }).default(''),
})
export type VideoSearch = z.infer<typeof VideoSearch>

export const videoContract = {
  uploads: uploadOperations,
  videos: {
    /**
     * Turns a finished upload into a public video of the caller, after checking it and making the
     * cover. The same upload always gives the same video. Needs identity. Errors:
     * `upload_not_found`, `upload_incomplete`, `upload_checksum_mismatch`, `not_a_video`,
     * `sensitive_words`.
     */
    publish: operation('videos.publish', {
      idempotency: 'natural',
      timeoutMs: 120_000,
      input: z.object({ uploadId: UploadId, title: Title, description: Description }),
      output: Video,
    }),
    /** Unknown and deleted ids are left out, and those of hidden authors unless they are wanted. */
    getMany: operation('videos.getMany', {
      idempotency: 'safe',
      input: z.object({ ids: IdBatch, withHidden: z.boolean().optional() }),
      output: z.object({ items: z.array(Video) }),
    }),
    /**
     * How far a video is at this moment. Needs the identity of the author. Errors:
     * `video_not_found`, `forbidden`.
     */
    processing: operation('videos.processing', {
      idempotency: 'safe',
      input: z.object({ id: Id }),
      output: VideoProcessing,
    }),
    /** Newest first. Errors: `malformed_cursor`. */
    listByAuthor: operation('videos.listByAuthor', {
      idempotency: 'safe',
      input: z.object({ authorId: Id, cursor: Cursor.optional(), limit: ListLimit }),
      output: VideoPage,
    }),
    /** Newest first, by offset and with the full count, for the APIs that page by number. */
    pageByAuthor: operation('videos.pageByAuthor', {
      idempotency: 'safe',
      input: z.object({ authorId: Id, offset: z.int().min(0), limit: Limit }),
      output: z.object({ items: z.array(Video), total: z.int() }),
    }),
    /** Newest first. Errors: `malformed_cursor`. */
    search: operation('videos.search', {
      idempotency: 'safe',
      input: VideoSearch.extend({ cursor: Cursor.optional(), limit: Limit }),
      output: VideoPage,
    }),
    /** The same by offset and with the full count, for the APIs that page by number. */
    searchPage: operation('videos.searchPage', {
      idempotency: 'safe',
      input: VideoSearch.extend({ offset: z.int().min(0), limit: Limit }),
      output: z.object({ items: z.array(Video), total: z.int() }),
    }),
    /** Every public video in id order, for rebuilding projections. */
    walk: operation('videos.walk', {
      idempotency: 'safe',
      timeoutMs: 10_000,
      input: z.object({ afterId: z.int().min(0), limit: z.int().min(1).max(500) }),
      output: z.object({ items: z.array(Video) }),
    }),
    /**
     * Needs the identity of the author. Errors: `video_not_found`, `forbidden`, `edit_conflict`,
     * `sensitive_words`.
     */
    edit: operation('videos.edit', { idempotency: 'natural', input: VideoEdit.extend({ id: Id }), output: Video }),
    /**
     * Makes an upload the cover; the chosen one before is removed. Needs the identity of the
     * author. Errors: `video_not_found`, `forbidden`, `upload_not_found`, `not_a_picture`,
     * `storage_full`.
     */
    setCover: operation('videos.setCover', {
      idempotency: 'natural',
      timeoutMs: PICTURE_TIMEOUT_MS,
      input: z.object({ id: Id, uploadId: UploadId }),
      output: Video,
    }),
    /**
     * Shows the cover again that was drawn of the video. Needs the identity of the author. Errors:
     * `video_not_found`, `forbidden`.
     */
    removeCover: operation('videos.removeCover', {
      idempotency: 'natural',
      input: z.object({ id: Id }),
      output: Video,
    }),
    /** Needs the identity of the author. Deleting a deleted video answers `video_not_found`. */
    delete: operation('videos.delete', { idempotency: 'keyed', input: z.object({ id: Id }), output: Empty }),
  },
}

const VideoFacts = Video.pick({
  authorId: true,
  title: true,
  description: true,
  videoKey: true,
  coverKey: true,
  durationMs: true,
  width: true,
  height: true,
  version: true,
  createdAt: true,
  updatedAt: true,
}).extend({ videoId: Id })

/** A video's events tell of its versions, one after the other. */
const byVideo = { orderedBy: ({ videoId }: { videoId: number }) => videoId }

export const videoPublished = defineEvent('video.published', 1, VideoFacts, byVideo)
export const videoUpdated = defineEvent('video.updated', 1, VideoFacts, byVideo)
/** All is made of a video that could be; it plays everywhere from now on. */
export const videoReady = defineEvent(
  'video.ready',
  1,
  z.object({
    videoId: Id,
    authorId: Id,
    version: z.int(),
    videoKey: MediaKey,
    hlsKey: MediaKey,
    readyAt: Instant,
  }),
  byVideo,
)
export const videoDeleted = defineEvent(
  'video.deleted',
  1,
  z.object({ videoId: Id, authorId: Id, version: z.int(), deletedAt: Instant }),
  byVideo,
)
