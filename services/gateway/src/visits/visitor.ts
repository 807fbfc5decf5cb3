import { createHmac } from 'node:crypto'

/**
 * Who visits without a token: the keyed hash of an address, because all addresses there are can be hashed.
 *
 * @param key secret, the same in every gateway
 */
export const hashVisitor = (key: string, address: string) =>
  createHmac('sha256', key).update(address).digest('hex').slice(0, 32)
