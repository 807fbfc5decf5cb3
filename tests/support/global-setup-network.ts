import { resolve } from 'node:path'

export { setup, teardown } from './global-setup.ts'

/** A stack of its own, with Toxiproxy before its servers: everywhere else it would only be in the way. */
process.env.FANONE_TOXIPROXY = '1'
process.env.FANONE_HOME ??= resolve(import.meta.dirname, '../../.fanone-test-network')
