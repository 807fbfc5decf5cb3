import { createHmac } from 'node:crypto'

/**
 * Identifies an anonymous visitor by a keyed hash; a plain hash of an address can be found by
 * trying all.
 *
 * @param key secret, the same in every gateway
 */
export const hashVisitor = (key: string, address: string) =>
  createHmac('sha256', key).update(address).digest('hex').slice(0, 32)
