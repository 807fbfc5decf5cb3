import { randomBytes } from 'node:crypto'

/** 32 hex digits that nobody can guess: the id of an upload, or who writes to it. */
export const randomId = (): string => randomBytes(16).toString('hex')
