/**
 * What likes, lists and flags cost with this checkout's statements against another's, such as the
 * one before a change: each checkout in a process of its own, over databases of its own with the
 * same rows, in interleaved rounds whose order turns round each time.
 *
 * Run on a stack (FANONE_HOME and FANONE_PORT_BASE as in npm start): node tests/load/statements.ts
 * <other checkout> [rounds]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from '../support/stack.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'
import type { Cost } from './statements-worker.ts'

const [other, rounds] = [process.argv[2], Number(process.argv[3] ?? 7)]
if (!other) throw new Error('usage: node tests/load/statements.ts <other checkout> [rounds]')

const sides = { before: await startSide(other), after: await startSide(root) }
type Side = keyof typeof sides
try {
  await compare()
} finally {
  for (const { process } of Object.values(sides)) process.send('end')
}

async function startSide(checkout: string): Promise<{ process: ChildProcess; names: string[] }> {
  const child = fork(join(import.meta.dirname, 'statements-worker.ts'), [checkout])
  const [names] = (await once(child, 'message')) as [string[]]
  return { process: child, names }
}

async function run(side: Side, name: string): Promise<Cost> {
  const { process } = sides[side]
  process.send(name)
  const [cost] = (await once(process, 'message')) as [Cost]
  return cost
}

async function compare(): Promise<void> {
  const { names } = sides.after
  const costs = Object.fromEntries(names.map((name) => [name, { before: [] as Cost[], after: [] as Cost[] }]))
  for (let round = 0; round <= rounds; round++) {
    const order: Side[] = round % 2 === 0 ? ['before', 'after'] : ['after', 'before']
    for (const name of names) {
      for (const side of order) {
        const cost = await run(side, name)
        const isWarmUp = round === 0
        if (!isWarmUp) costs[name]?.[side].push(cost)
      }
    }
  }
  const rows = names.map((name) => {
    const { before = [], after = [] } = costs[name] ?? {}
    const medians = (read: (cost: Cost) => number) => [median(before.map(read)), median(after.map(read))] as const
    const own = medians(({ ownMs }) => ownMs)
    const all = medians(({ ownMs, mysqlMs }) => ownMs + mysqlMs)
    const least = (of: Cost[]) => Math.min(...of.map(({ ownMs }) => ownMs))
    const ratios = [own[1] / own[0], least(after) / least(before), all[1] / all[0]].map((ratio) => ratio.toFixed(2))
    return [name, ...own.map((ms) => ms.toFixed(3)), ...ratios]
  })
  await printTable(['what', 'CPU ms before', 'after', 'ratio', 'ratio of the least', 'with MySQL'], rows)
}
