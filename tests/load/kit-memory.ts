/**
 * What the service-kit costs a process that only loads it, with the flags of a service: memory
 * after a collection, and CPU of the start. Fresh processes, in turns; prints the medians of each
 * checkout.
 *
 * Needs no stack: node tests/load/kit-memory.ts [rounds] [another checkout, to compare with]
 */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { root } from '../support/stack.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'

interface Figures {
  rss: number
  pss: number
  heap: number
  startCpu: number
}

const measure = `
import { readFileSync } from 'node:fs'
globalThis.gc()
const kib = (name) => Number(new RegExp('^' + name + ':\\\\s+(\\\\d+) kB', 'm').exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))[1])
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({
  rss: kib('Rss') / 1024, pss: kib('Pss') / 1024, heap: process.memoryUsage().heapUsed / 2 ** 20, startCpu: (user + system) / 1_000,
}))`

const rounds = Number(process.argv[2] ?? 5)
const checkouts = [...(process.argv[3] ? [resolve(process.argv[3])] : []), root]
const results = checkouts.map((folder) => ({ folder, figures: [] as Figures[] }))
for (let round = 0; round <= rounds; round++)
  for (const { folder, figures } of results) {
    const measured = start(folder)
    const isWarmUp = round === 0 // compiles into Node's cache
    if (!isWarmUp) figures.push(measured)
  }

const columns = ['rss', 'pss', 'heap', 'startCpu'] as const
const rows = results.map(({ folder, figures }) => [
  folder === root ? 'this checkout' : 'the other',
  ...columns.map((name) => median(figures.map((one) => one[name])).toFixed(1)),
])
await printTable(['kit of', 'RSS, MiB', 'PSS, MiB', 'heap, MiB', 'CPU of the start, ms'], rows)

function start(folder: string): Figures {
  const kit = `${folder}/packages/service-kit/src`
  const flags = ['--expose-gc', '--max-semi-space-size=4', '--import', `${kit}/telemetry.ts`, '--input-type=module']
  const program = `await import('${kit}/index.ts')\n${measure}`
  const env = { ...process.env, NODE_COMPILE_CACHE: `${folder}/node_modules/.cache/kit-memory` }
  return JSON.parse(execFileSync(process.execPath, [...flags, '-e', program], { encoding: 'utf8', env, cwd: folder }))
}
