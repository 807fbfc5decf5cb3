import { z } from 'zod'
import { Empty, Id, Instant, UploadId } from './common.ts'
import { operation } from './operation.ts'

/**
 * How an upload arrives: in one piece that grows; as one of the parts that are put together later;
 * put together from such parts; or in numbered chunks of any order.
 */
export const UploadKind = z.enum(['whole', 'part', 'joined', 'chunked'])
export type UploadKind = z.infer<typeof UploadKind>

/**
 * `receiving`: bytes are missing. `finished`: all are there, to be published. `published`: it
 * became a video. `ended`: by its owner, by expiry, or refused; its bytes are gone.
 */
export const UploadState = z.enum(['receiving', 'finished', 'published', 'ended'])
export type UploadState = z.infer<typeof UploadState>

/** Chunks of one upload at most. */
export const MAX_CHUNKS = 10_000

/** What is put together from parts has at most so many. */
export const MAX_PARTS = 200

/** Putting pieces together may copy a file of 4 GiB. */
const COPY_TIMEOUT_MS = 120_000

/** In hex; empty for none. */
const Sha256 = z.string().regex(/^([0-9a-f]{64})?$/)

/** What the client says about the file, as the tus header carries it. */
export const UploadMetadata = z.string().max(4096)

export const Upload = z
  .object({
    id: UploadId,
    ownerId: Id,
    kind: UploadKind,
    state: UploadState,
    /** All its bytes; for `chunked` those that have arrived. */
    sizeBytes: z.int().min(0),
    metadata: UploadMetadata,
    /** Hex SHA-256 that the whole file must have; empty where the client gave none. */
    sha256: z.string(),
    /** What `joined` is made of, in order. */
    partIds: z.array(UploadId),
    /** Of `chunked`: how many there will be. */
    chunkCount: z.int(),
    createdAt: Instant,
    /** When it is removed, unless it is a video by then. */
    expiresAt: Instant,
  })
  .meta({ id: 'Upload' })
export type Upload = z.infer<typeof Upload>

/** Names one that writes; made anew for each request. */
const LockToken = z.string().regex(/^[0-9a-f]{32}$/)

const ofUpload = { id: UploadId }
const ofLock = { id: UploadId, token: LockToken }

/**
 * Uploads that survive interruptions. All need the identity of the owner; for everybody else an
 * upload is `upload_not_found`, as are ended ones. Bytes go through storage and never through here.
 */
export const uploadOperations = {
  /**
   * Begins an upload under an id that its receiver made, locked by `token`. Errors:
   * `upload_too_large` and `upload_quota_exceeded`, with the numbers.
   */
  create: operation('uploads.create', {
    idempotency: 'natural',
    input: z.object({
      ...ofLock,
      kind: z.enum(['whole', 'part', 'chunked']),
      /** 0 for `chunked`. */
      sizeBytes: z.int().min(0),
      chunkCount: z.int().min(0).max(MAX_CHUNKS).default(0),
      metadata: UploadMetadata,
      sha256: Sha256,
    }),
    output: Upload,
  }),
  /**
   * Lets one write, over all gateways, until it unlocks or says nothing for some seconds. Who holds
   * the lock hears of those who want it. Uploads that take no more bytes need no lock, and
   * everybody gets it. Errors: `upload_expired`.
   */
  lock: operation('uploads.lock', {
    idempotency: 'natural',
    input: z.object(ofLock),
    output: z.object({ upload: Upload, isLocked: z.boolean() }),
  }),
  /** Says that the writer is alive. It stops writing where somebody else wants or has the lock. */
  keepLock: operation('uploads.keepLock', {
    idempotency: 'natural',
    input: z.object(ofLock),
    output: z.object({ isLocked: z.boolean(), isWanted: z.boolean() }),
  }),
  unlock: operation('uploads.unlock', { idempotency: 'natural', input: z.object(ofLock), output: Empty }),
  /** Takes an upload whose bytes are all there. Errors: `upload_incomplete`. */
  finish: operation('uploads.finish', { idempotency: 'natural', input: z.object(ofUpload), output: Upload }),
  /**
   * Puts parts together, in their order, as a finished upload; they are ended. The same parts give
   * the same upload. Errors: `upload_incomplete`, `upload_too_large`, `storage_full`.
   */
  join: operation('uploads.join', {
    idempotency: 'natural',
    timeoutMs: COPY_TIMEOUT_MS,
    input: z.object({
      partIds: z.array(UploadId).min(1).max(MAX_PARTS),
      metadata: UploadMetadata,
      sha256: Sha256,
      maxBytes: z.int().min(0),
    }),
    output: Upload,
  }),
  /**
   * Takes a chunk of a `chunked` upload, which has arrived as an upload of its own. Errors:
   * `upload_too_large`, `upload_quota_exceeded`, `invalid_input`.
   */
  addChunk: operation('uploads.addChunk', {
    idempotency: 'natural',
    input: z.object({
      ...ofUpload,
      number: z.int().min(1).max(MAX_CHUNKS),
      arrivedId: UploadId,
      maxBytes: z.int().min(0),
    }),
    output: Empty,
  }),
  /** Finishes a `chunked` upload. Errors: `upload_incomplete`, `storage_full`. */
  joinChunks: operation('uploads.joinChunks', {
    idempotency: 'natural',
    timeoutMs: COPY_TIMEOUT_MS,
    input: z.object(ofUpload),
    output: Upload,
  }),
  /**
   * Removes an upload and its bytes, and answers the same for one that is gone already. Errors:
   * `upload_published`.
   */
  end: operation('uploads.end', { idempotency: 'natural', input: z.object(ofUpload), output: Empty }),
}
