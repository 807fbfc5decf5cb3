import type { UploadKind, UploadState } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** An upload and who it belongs to; its bytes are in storage under its id. */
export const UploadEntity = defineEntity({
  name: 'Upload',
  tableName: 'upload',
  properties: {
    id: column.asciiChar(32).primary(),
    ownerId: column.id(),
    kind: p.string().length(16).collation('ascii_bin').$type<UploadKind>(),
    state: p.string().length(16).collation('ascii_bin').$type<UploadState>(),
    sizeBytes: column.id(),
    metadata: column.longText(),
    sha256: column.ascii(64),
    /** Ids of what it is joined from, in order, divided by blanks. */
    partIds: column.longText(),
    chunkCount: column.integer(),
    createdAt: column.time(),
    expiresAt: column.time(),
    /** The request that writes, while it says that it is alive. */
    lockedBy: column.optionalAscii(32),
    lockedUntil: column.time().nullable(),
    isWanted: column.flag(),
  },
  indexes: [
    { name: 'upload_by_owner', properties: ['ownerId', 'createdAt'] },
    { name: 'upload_expires_at', properties: ['expiresAt', 'state'] },
  ],
})
export type UploadRow = InferEntity<typeof UploadEntity>

/** A chunk that has arrived, of an upload that comes in chunks. */
export const UploadChunkEntity = defineEntity({
  name: 'UploadChunk',
  tableName: 'upload_chunk',
  properties: {
    uploadId: column.asciiChar(32).primary(),
    number: column.integer().primary(),
    sizeBytes: column.id(),
  },
})

/** One row for each user who ever began an upload, held while quotas are looked at. */
export const UploaderEntity = defineEntity({
  name: 'Uploader',
  tableName: 'uploader',
  properties: { id: column.id().primary() },
})
