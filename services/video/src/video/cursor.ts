import { idCursor } from '@fanone/service-kit'

/** Positions in the list of an author. */
export const { encode: encodeCursor, decode: decodeCursor } = idCursor('author')
