/**
 * What a page of the feed costs at the feed service, and what each layer on the way of a page costs
 * that is taken out: prints tables in Markdown. The way through the gateway is in bench:endpoints.
 *
 * Run: npm run bench:feed [-- --rounds 3 --seconds 3] It starts an installation of its own, as the
 * tests do; with FANONE_KEEP_STACK, FANONE_HOME and FANONE_PORT_BASE it uses one that runs and
 * leaves it running.
 */
import { parseArgs } from 'node:util'
import { setup, teardown } from '../support/global-setup.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' } },
})

process.env.FANONE_HOME ??= '.fanone-bench'
await setup()
try {
  const { measureFeed } = await import('./feed-figures.ts')
  const until = { seconds: Number(values.seconds) }
  await measureFeed({ rounds: Number(values.rounds), until, connections: [1, 32] })
} finally {
  await teardown()
}
