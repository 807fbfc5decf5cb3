import { idCursor } from '@fanone/service-kit'

/** Positions in the newest timeline. */
export const { encode: encodeCursor, decode: decodeCursor } = idCursor('newest')

/** Positions in the timeline of those one follows. */
export const { encode: encodeFollowingCursor, decode: decodeFollowingCursor } = idCursor('following')
