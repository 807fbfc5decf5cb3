/**
 * The race: every hot endpoint of all surfaces beside a bare Express handler that answers the same
 * bytes, in interleaved rounds. Every answer is held against the right one, CPU of all processes is
 * charged to the right answers. Prints tables in Markdown; --page writes them into
 * docs/performance.md.
 *
 * Run: npm run bench:endpoints [-- --only like,feed --rounds 3 --seconds 2 --changes 1280
 * --connections 32,1,256 --page] It starts an installation of its own; with FANONE_KEEP_STACK,
 * FANONE_HOME and FANONE_PORT_BASE it uses one that runs, which has to be started with the settings
 * below.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { replaceMarked } from '../../../scripts/docs/marked.ts'
import { setup, teardown } from '../../support/global-setup.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    changes: { type: 'string', default: '1280' },
    connections: { type: 'string', default: '32,1,256' },
    page: { type: 'boolean', default: false },
  },
})

process.env.FANONE_HOME ??= '.fanone-bench'
process.env.TRACES_PER_SECOND ??= '0'
process.env.TRACE_SAMPLING ??= '0.01'
// What is refused costs too and is no answer: limits that few machines reach take no part.
process.env.ROUTE_CONCURRENCY ??= '1000'
process.env.USER_WRITE_CONCURRENCY ??= '64'
await setup()
try {
  const { runRace } = await import('./run.ts')
  const report = await runRace({
    only: values.only?.split(','),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    changes: Number(values.changes),
    connections: values.connections.split(',').map(Number),
  })
  console.log(`\n${report}`)
  if (values.page) {
    const page = join(import.meta.dirname, '../../../docs/performance.md')
    writeFileSync(page, replaceMarked(readFileSync(page, 'utf8'), 'npm run bench:endpoints', report))
  }
} finally {
  await teardown()
}
