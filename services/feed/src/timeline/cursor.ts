import { ServiceError } from '@fanone/service-kit'

const PREFIX = 'newest:'

/** The opaque position after a video in the newest timeline. */
export function encodeCursor(id: number): string {
  return Buffer.from(`${PREFIX}${id}`).toString('base64url')
}

/**
 * The id of the video a cursor stands after.
 *
 * @throws ServiceError `malformed_cursor` for anything `encodeCursor` did not make
 */
export function decodeCursor(cursor: string): number {
  const id = Number(/^newest:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1])
  if (!Number.isSafeInteger(id) || id <= 0 || encodeCursor(id) !== cursor) throw new ServiceError('malformed_cursor')
  return id
}
