import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

export interface Hashed {
  bytes: number
  /** In hex. */
  sha256: string
}

/** Hashes a file of any size. */
export const hashFile = (path: string): Promise<Hashed> => hashing(path, async () => {})

/** Copies a file and hashes what it copies. The copy is its owner's alone. */
export async function copyHashed(from: string, to: string): Promise<Hashed> {
  const target = await open(to, 'wx', 0o600)
  try {
    return await hashing(from, async (chunk) => void (await target.writev([chunk])))
  } finally {
    await target.close()
  }
}

async function hashing(path: string, use: (chunk: Buffer) => Promise<void>): Promise<Hashed> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
    await use(chunk)
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** The SHA-256 of a text, in hex. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
