import { idCursor } from '@fanone/service-kit'

/** Positions in the newest timeline. */
export const { encode: encodeCursor, decode: decodeCursor } = idCursor('newest')
