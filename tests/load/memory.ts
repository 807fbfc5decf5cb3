/**
 * What an installation holds while nobody uses it: memory of every part as the kernel
 * counts it (RSS, and PSS, which shares out what processes have in common) when idle, after load,
 * and idle after a restart. Ends with the sum for a service and its sidecar, which the target is
 * set for.
 *
 * Run on a stack of its own (FANONE_HOME and FANONE_PORT_BASE as in npm start): node
 * tests/load/memory.ts [idle seconds]
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { PartStatus } from '../../scripts/stack/supervised.ts'
import { newMember } from '../support/community.ts'
import { send } from '../support/http.ts'
import { cli, parts } from '../support/stack.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'

const REQUESTS = 2_000
const CONNECTIONS = 8

interface Memory {
  rss: number
  pss: number
}
type Snapshot = Record<string, Memory>

const idleSeconds = Number(process.argv[2] ?? 20)
const idle = await restIdle()
const loaded = await afterLoad()
const restarted = await afterRestart()
await print({ idle, loaded, restarted })

async function restIdle(): Promise<Snapshot> {
  await delay(idleSeconds * 1_000)
  return memoryOf(pidsOf(await parts()))
}

/**
 * Log-ins, pages of the feed and profiles: what touches every service but the publication of
 * videos.
 */
async function afterLoad(): Promise<Snapshot> {
  const { user, tokens, password } = await newMember()
  const paths = ['/v1/feeds/newest?limit=30', `/v1/users/${user.id}`, `/v1/users/${user.id}/videos`]
  let left = REQUESTS
  const client = async () => {
    while (left-- > 0) await send('GET', paths[left % paths.length] as string, { token: tokens.accessToken })
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, client))
  for (let index = 0; index < 10; index++)
    await send('POST', '/v1/sessions', { json: { username: user.username, password } })
  return memoryOf(pidsOf(await parts()))
}

/** The second start, which finds stripped and compiled code. */
async function afterRestart(): Promise<Snapshot> {
  for (const { part } of (await parts()).filter(({ kind }) => kind === 'app')) await cli('restart', part)
  return await restIdle()
}

function pidsOf(running: readonly PartStatus[]): Record<string, number> {
  return Object.fromEntries(running.filter(({ pid }) => pid).map(({ part, pid }) => [part, pid as number]))
}

function memoryOf(pids: Record<string, number>): Snapshot {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, readMemory(pid)]))
}

/** MiB. @see proc_pid_smaps(5) */
function readMemory(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
  return { rss: field('Rss'), pss: field('Pss') }
}

async function print(snapshots: Record<string, Snapshot>): Promise<void> {
  const names = Object.keys(Object.values(snapshots)[0] ?? {})
  const cells = ({ rss, pss }: Memory) => [rss.toFixed(0), pss.toFixed(0)]
  const columns = Object.keys(snapshots).flatMap((name) => [`RSS ${name}, MiB`, `PSS ${name}`])
  const rows = names.map((name) => [
    name,
    ...Object.values(snapshots).flatMap((snapshot) => cells(snapshot[name] ?? { rss: Number.NaN, pss: Number.NaN })),
  ])
  await printTable(['part', ...columns], rows)
  const services = names.filter((name) => names.includes(`${name}.sidecar`))
  const pair = (snapshot: Snapshot, read: (memory: Memory) => number) =>
    median(
      services.map((name) => [name, `${name}.sidecar`].reduce((sum, one) => sum + read(snapshot[one] as Memory), 0)),
    )
  const pairs = Object.entries(snapshots).map(([name, snapshot]) => [
    name,
    pair(snapshot, ({ rss }) => rss).toFixed(0),
    pair(snapshot, ({ pss }) => pss).toFixed(0),
  ])
  await printTable(['service + sidecar, median', 'RSS, MiB', 'PSS, MiB'], pairs)
}
