import { createHash, randomBytes } from 'node:crypto'

const MARK_BYTES = 8
/**
 * How many calls a row remembers: more than one person can make while one of them is still being
 * repeated.
 */
const MARKS_KEPT = 8

/** How long a column of marks is. A row that no call has changed holds none. */
export const MOST_MARK_BYTES = MARK_BYTES * MARKS_KEPT

/**
 * What a row remembers of a keyed call that changed it, so that a repeat is recognised without
 * another row or statement. It is enough where the answer follows from the row; other keyed
 * operations use `runOnce`.
 *
 * @param key the call's idempotency key; a call without one cannot be recognised
 */
export function callMark(operation: string, key: string | undefined): Buffer {
  if (key === undefined) return randomBytes(MARK_BYTES)
  return createHash('sha256').update(`${operation} ${key}`).digest().subarray(0, MARK_BYTES)
}

/** Whether the call with this mark changed the row that has these. */
export function hasMark(marks: Uint8Array, mark: Uint8Array): boolean {
  for (let at = 0; at < marks.length; at += MARK_BYTES)
    if (Buffer.compare(marks.subarray(at, at + MARK_BYTES), mark) === 0) return true
  return false
}

/** The marks of a row that one more call changes, newest first. */
export function withMark(marks: Uint8Array, mark: Uint8Array): Buffer {
  return Buffer.concat([mark, marks]).subarray(0, MOST_MARK_BYTES)
}
