/**
 * What a list of 20 comments costs at the service (row P6), with one connection and with 32: CPU of
 * the service, of MySQL, and p99.
 *
 * Run on a stack (FANONE_HOME and FANONE_PORT_BASE as in npm start): node
 * tests/load/comment-list.ts [rounds]
 */
import { newMember, publish } from '../support/community.ts'
import { sidecarOf } from '../support/sidecars.ts'
import { parts } from '../support/stack.ts'
import { printTable } from './figures.ts'
import { startLoadClient } from './helpers.ts'
import { measure, type Variant } from './rounds.ts'

const LISTED = 20
const SECONDS = 3

const rounds = Number(process.argv[2] ?? 3)
const client = startLoadClient()
try {
  const variant = await planList()
  const rows: string[][] = []
  for (const connections of [1, 32]) {
    const measured = await measure([variant], { client, rounds, until: { seconds: SECONDS }, connections })
    const figures = measured.get(variant.name)
    if (!figures || figures.wrong + figures.failed > 0) throw new Error('not all answers were right')
    const { interaction = Number.NaN, mysql = Number.NaN } = figures.cpuMs
    const numbers = [interaction + mysql, interaction, mysql].map((ms) => ms.toFixed(3))
    rows.push([String(connections), figures.answersPerSecond.toFixed(0), ...numbers, figures.p99Ms.toFixed(1)])
  }
  await printTable(['connections', 'lists a second', 'CPU ms', 'interaction', 'mysql', 'p99 ms'], rows)
} finally {
  await client.stop()
}

async function planList(): Promise<Variant> {
  const member = await newMember('talker')
  const { id } = await publish(member)
  for (let index = 0; index < 2 * LISTED; index++) await member.api.comments.create({ id, text: `comment ${index}` })
  const { appPort, appToken } = await sidecarOf('interaction')
  const url = `http://127.0.0.1:${appPort}`
  const path = '/internal/comments.list'
  const headers = { 'dapr-api-token': appToken, 'content-type': 'application/json' }
  const body = JSON.stringify({ target: { kind: 'video', id }, limit: LISTED })
  const expected = await (await fetch(url + path, { method: 'POST', headers, body })).text()
  if (JSON.parse(expected).items.length !== LISTED) throw new Error(`unexpected: ${expected.slice(0, 200)}`)
  const all = await parts()
  const pids = Object.fromEntries(
    all.flatMap(({ part, pid }) => (pid && (part === 'interaction' || part === 'mysql') ? [[part, pid]] : [])),
  )
  return { name: 'list', plan: { url, requests: [{ method: 'POST', path, headers, body, expected }] }, pids }
}
