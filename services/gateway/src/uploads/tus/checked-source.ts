import { createHash, randomBytes } from 'node:crypto'
import { ServiceError } from '@fanone/service-kit'
import { chunkFolder, type Storage } from '@fanone/storage'
import { hashed } from '../../http/upload.receiver.ts'

/** Names of tus and the lengths of what they hash to. */
const hashes = { sha1: 20, sha256: 32, md5: 16 }
export const hashNames = Object.keys(hashes)

const CHECKSUM = /^(\w+) ([A-Za-z0-9+/]+={0,2})$/

/** Whether the text names a hash that is known here and has its length. */
export function isHash(text: string): boolean {
  const [, name = '', digest = ''] = CHECKSUM.exec(text) ?? []
  return Object.hasOwn(hashes, name) && Buffer.from(digest, 'base64').length === hashes[name as keyof typeof hashes]
}

/**
 * Lends the bytes of a source once all are there and have their checksum. They wait in storage, not
 * in memory: a piece may be as large as the file.
 *
 * @param checksum as `Upload-Checksum` says it
 * @throws ServiceError `upload_checksum_mismatch`; then `use` has not run
 */
export async function withChecked<Result>(
  source: AsyncIterable<Uint8Array>,
  { storage, uploadId, checksum, maxBytes }: { storage: Storage; uploadId: string; checksum: string; maxBytes: number },
  use: (checked: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  const [name = '', digest = ''] = checksum.split(' ')
  const hash = createHash(name)
  const key = `${chunkFolder(uploadId)}/unchecked-${randomBytes(8).toString('hex')}`
  try {
    await storage.put(key, hashed(source, hash), { maxBytes })
    if (!hash.digest().equals(Buffer.from(digest, 'base64'))) throw new ServiceError('upload_checksum_mismatch')
    return await use(await storage.read(key))
  } finally {
    await storage.delete(key)
  }
}
