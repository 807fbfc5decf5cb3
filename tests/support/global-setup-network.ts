import { resolve } from 'node:path'

export { setup, teardown } from './global-setup.ts'

/** A separate stack with Toxiproxy before its servers; other tests do not want it in the way. */
process.env.FANONE_TOXIPROXY = '1'
process.env.FANONE_HOME ??= resolve(import.meta.dirname, '../../.fanone-test-network')
