import type { Upload } from '@fanone/contracts'
import type { UploadRow } from './upload.entity.ts'
import { partIdsOf } from './upload.repository.ts'

/** The row as callers see it. */
export function toUpload(row: UploadRow): Upload {
  return {
    id: row.id,
    ownerId: row.ownerId,
    kind: row.kind,
    state: row.state,
    sizeBytes: row.sizeBytes,
    metadata: row.metadata,
    sha256: row.sha256,
    partIds: partIdsOf(row),
    chunkCount: row.chunkCount,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }
}
