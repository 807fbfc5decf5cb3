import { createHmac } from 'node:crypto'

/**
 * Identifies a visitor without a token: a keyed hash, because a plain one of an address is found by trying them all.
 *
 * @param key secret, the same in every gateway
 */
export const hashVisitor = (key: string, address: string) =>
  createHmac('sha256', key).update(address).digest('hex').slice(0, 32)
