import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The SHA-256 of a file's bytes, in hex. */
export const sha256OfFile = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
