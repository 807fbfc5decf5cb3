/**
 * What the following feed takes of Redis's one thread, by how many its reader follows, and what two
 * readers who follow five thousand leave of everybody's newest feed. Interleaved rounds; prints
 * tables in Markdown.
 *
 * Run: node tests/load/following.ts [rounds]. It starts an installation of its own, as the tests
 * do; with FANONE_KEEP_STACK, FANONE_HOME and FANONE_PORT_BASE it uses one that runs.
 */
import { setup, teardown } from '../support/global-setup.ts'

process.env.FANONE_HOME ??= '.fanone-bench'
await setup()
try {
  const { measureFollowing } = await import('./following-figures.ts')
  await measureFollowing({ rounds: Number(process.argv[2] ?? 5) })
} finally {
  await teardown()
}
