/**
 * Whether lists and flags of the social services stay quick as their tables grow: each is timed on
 * 10,000 likes, 2,000 follows and 1,000 comments, and again on a hundred times as many, by the same
 * calls to the services themselves, one at a time. Prints both medians and their ratio as Markdown.
 *
 * Run: npm run bench:social [-- --factor 100] It starts an installation of its own, as the tests
 * do; with FANONE_KEEP_STACK, FANONE_HOME and FANONE_PORT_BASE it uses one that runs.
 */
import { parseArgs } from 'node:util'
import { setup, teardown } from '../support/global-setup.ts'

const { values } = parseArgs({ options: { factor: { type: 'string', default: '100' } } })

process.env.FANONE_HOME ??= '.fanone-bench-social'
await setup()
try {
  const { measureGrowth } = await import('./social-growth.ts')
  await measureGrowth({ factor: Number(values.factor) })
} finally {
  await teardown()
}
