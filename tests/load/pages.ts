/**
 * What a page costs through the gateway with a token, CPU of all processes of a stack: 20 comments,
 * and the 20 whom somebody follows. Several stacks, say of two releases, are measured in
 * interleaved rounds.
 *
 * Start each with TRACE_SAMPLING=0.01 and RATE_LIMIT_FACTOR=100000, then: node tests/load/pages.ts
 * <name>=<FANONE_HOME>,<FANONE_PORT_BASE> … [--rounds 5] [--connections 32]
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { newMember, publish } from '../support/community.ts'
import { apiUrl, parts } from '../support/stack.ts'
import { printTable } from './figures.ts'
import { startLoadClient } from './helpers.ts'
import { measure, type Variant } from './rounds.ts'

const LISTED = 20
/** As many as there are connections: the gateway bounds what one user does at a time. */
const VIEWERS = 32
const SECONDS = 3

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '32' },
    plan: { type: 'boolean', default: false },
  },
})
if (values.plan) process.stdout.write(JSON.stringify(await planPages()))
else await compare()

async function compare(): Promise<void> {
  const client = startLoadClient()
  try {
    const variants: Variant[] = []
    for (const stack of positionals) variants.push(...(await variantsOf(stack)))
    const options = { rounds: Number(values.rounds), connections: Number(values.connections) }
    const measured = await measure(variants, { client, until: { seconds: SECONDS }, ...options })
    const rows = [...measured].map(([name, figures]) => {
      const byPart = Object.entries(figures.cpuMs).toSorted(([, one], [, other]) => other - one)
      const largest = byPart.slice(0, 8).map(([part, ms]) => `${part} ${ms.toFixed(2)}`)
      const { totalCpuMs, leastCpuMs, answersPerSecond, p99Ms, wrong, failed, shed, limited } = figures
      const numbers = [totalCpuMs.toFixed(2), leastCpuMs.toFixed(2), answersPerSecond.toFixed(0), p99Ms.toFixed(0)]
      return [name, ...numbers, String(wrong + failed + shed + limited), largest.join(', ')]
    })
    await printTable(['page', 'CPU ms', 'least', 'a second', 'p99 ms', 'not right', 'by process'], rows)
  } finally {
    await client.stop()
  }
}

/** @param stack `<name>=<FANONE_HOME>,<FANONE_PORT_BASE>` */
async function variantsOf(stack: string): Promise<Variant[]> {
  const [name = '', FANONE_HOME = '', FANONE_PORT_BASE = ''] = stack.split(/[=,]/)
  const script = join(import.meta.dirname, 'pages.ts')
  const { stdout } = await execa(process.execPath, [script, '--plan'], { env: { FANONE_HOME, FANONE_PORT_BASE } })
  const planned = JSON.parse(stdout) as Awaited<ReturnType<typeof planPages>>
  return planned.map((variant) => ({ ...variant, name: `${name}: ${variant.name}` }))
}

/** The pages of one stack, with as many viewers as there are connections. */
async function planPages(): Promise<Variant[]> {
  const author = await newMember('author')
  const { id } = await publish(author)
  const members = []
  for (let index = 0; index < VIEWERS; index++) members.push(await newMember())
  for (const member of members.slice(0, LISTED)) {
    await member.api.comments.create({ id, text: `a comment of ordinary length by ${member.user.username}` })
    await author.api.relations.follow({ id: member.user.id })
  }
  const tokens = members.map(({ tokens: { accessToken } }) => accessToken)
  const all = await parts()
  const pids = Object.fromEntries(all.flatMap(({ part, pid }) => (pid ? [[part, pid]] : [])))
  const variantOf = async (name: string, path: string): Promise<Variant> => {
    const requests = await Promise.all(
      tokens.map(async (token) => {
        const headers = { authorization: `Bearer ${token}` }
        const expected = await (await fetch(apiUrl + path, { headers })).text()
        if (JSON.parse(expected).items?.length !== LISTED) throw new Error(`unexpected: ${expected.slice(0, 200)}`)
        return { method: 'GET' as const, path, headers, expected }
      }),
    )
    return { name, plan: { url: apiUrl, requests }, pids }
  }
  return [
    await variantOf('20 comments', `/v1/videos/${id}/comments?limit=${LISTED}`),
    await variantOf('following list of 20', `/v1/users/${author.user.id}/following?limit=${LISTED}`),
  ]
}
