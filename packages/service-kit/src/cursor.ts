import { ServiceError } from './errors.ts'

/** Cursors of a list that is ordered by id. */
export interface IdCursor {
  /** The opaque position after an item. */
  encode(id: number): string
  /**
   * The id of the item that a cursor points behind.
   *
   * @throws ServiceError `malformed_cursor` for anything `encode` did not make
   */
  decode(cursor: string): number
}

/** @param list name of the list; cursors of one list are not valid in another */
export function idCursor(list: string): IdCursor {
  const encode = (id: number) => Buffer.from(`${list}:${id}`).toString('base64url')
  const decode = (cursor: string) => {
    const [name, digits] = Buffer.from(cursor, 'base64url').toString('latin1').split(':')
    const id = /^\d{1,16}$/.test(digits ?? '') ? Number(digits) : Number.NaN
    const isOurs = name === list && Number.isSafeInteger(id) && id > 0 && encode(id) === cursor
    if (!isOurs) throw new ServiceError('malformed_cursor')
    return id
  }
  return { encode, decode }
}
