import { ServiceError } from './errors.ts'

/** How a list that is ordered by id writes positions for its readers. */
export interface IdCursor {
  /** The opaque position after an item. */
  encode(id: number): string
  /**
   * The id of the item a cursor stands after.
   *
   * @throws ServiceError `malformed_cursor` for anything `encode` did not make
   */
  decode(cursor: string): number
}

/** @param list name of the list, so that a cursor of one is not taken by another */
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
