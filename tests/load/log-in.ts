/**
 * How much of the machine's hash rate log-ins reach, and what they do to everybody else.
 * Interleaved rounds of five phases: the bare hash in a process of its own, with the parameters and
 * the concurrency of the user service; requests of others alone, at a fixed rate; log-ins through
 * the public API, as many as are taken; both together; and log-ins by a crowd that does not wait
 * when it is told to. Prints medians, and the ratios that targets
 * are set for. CPU per log-in tells more than the rates where the machine is busy with something
 * else.
 *
 * Run on a stack of its own, started with RATE_LIMIT_FACTOR=1000: node tests/load/log-in.ts
 * [rounds]
 */
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { newMember } from '../support/community.ts'
import { send } from '../support/http.ts'
import { parts } from '../support/stack.ts'
import type { HashRate } from './bare-hash.ts'
import { type CpuMs, cpuBetween, readCpu, sumOf } from './cpu.ts'
import { printTable } from './figures.ts'
import { measureHashes } from './helpers.ts'
import { median } from './rounds.ts'

const PHASE_MS = 4_000
/**
 * More than are hashed at a time, so that there is always one to hash; so few that none is sent
 * away.
 */
const CLIENTS = 4
/** Many more than there is room for; whoever is sent away comes again at once. */
const CROWD = 32
const OTHERS_PER_SECOND = 60

/** What log-ins of one phase did: CPU of all processes together. */
interface Done extends HashRate {
  refusedPerSecond: number
  /** CPU of each, by process. */
  cpuByProcess: CpuMs
}

interface Latencies {
  p50: number
  p99: number
}

await compare(Number(process.argv[2] ?? 3))

async function compare(rounds: number): Promise<void> {
  const concurrency = Number(process.env.HASH_CONCURRENCY ?? Math.max(1, availableParallelism() - 1))
  const member = await newMember()
  const logIn = async () => {
    const { status } = await send('POST', '/v1/sessions', {
      json: { username: member.user.username, password: member.password },
    })
    return status === 201 || status === 200
  }
  const others = [`/v1/users/${member.user.id}`, '/v1/feeds/newest?limit=5']
  const ask = async (index: number) =>
    (await send('GET', others[index % others.length] as string, { token: member.tokens.accessToken })).status === 200
  const shares: number[] = []
  const figures = { pure: [] as HashRate[], logIns: [] as Done[], together: [] as Done[], crowd: [] as Done[] }
  const idle: Latencies[] = []
  const busy: Latencies[] = []
  for (let round = 0; round <= rounds; round++) {
    const pure = await measureHashes({ concurrency, durationMs: PHASE_MS })
    const alone = await atFixedRate(ask)
    const logIns = await saturate(logIn)
    const [together, beside] = await Promise.all([saturate(logIn), atFixedRate(ask)])
    const crowd = await saturate(logIn, CROWD)
    const isWarmUp = round === 0
    if (isWarmUp) continue
    shares.push(logIns.perSecond / pure.perSecond)
    figures.pure.push(pure)
    figures.logIns.push(logIns)
    figures.together.push(together)
    figures.crowd.push(crowd)
    idle.push(alone)
    busy.push(beside)
  }
  const row = (name: string, done: (HashRate & Partial<Done>)[]) => [
    name,
    median(done.map(({ perSecond }) => perSecond)).toFixed(1),
    median(done.map(({ cpuMs }) => cpuMs)).toFixed(1),
    median(done.map(({ refusedPerSecond = 0 }) => refusedPerSecond)).toFixed(1),
  ]
  await printTable(
    [`${concurrency} at a time`, 'a second', 'CPU ms each', 'refused a second'],
    [
      row('bare hash', figures.pure),
      row('log-ins', figures.logIns),
      row('log-ins beside other requests, which are in the CPU', figures.together),
      row(`log-ins of ${CROWD} who come again at once`, figures.crowd),
      ['log-ins of bare hashes', median(shares).toFixed(2), '', ''],
    ],
  )
  const names = Object.keys(figures.logIns[0]?.cpuByProcess ?? {})
  const cpuOf = (done: Done[], name: string) => median(done.map(({ cpuByProcess }) => cpuByProcess[name] ?? 0))
  await printTable(
    ['CPU ms of a log-in', 'few', `${CROWD} who come again at once`],
    names
      .filter((name) => cpuOf(figures.crowd, name) >= 0.05)
      .map((name) => [name, cpuOf(figures.logIns, name).toFixed(2), cpuOf(figures.crowd, name).toFixed(2)]),
  )
  const of = (name: keyof Latencies, values: Latencies[]) => median(values.map((one) => one[name]))
  await printTable(
    ['other requests', 'alone, ms', 'while log-ins saturate, ms', 'times'],
    (['p50', 'p99'] as const).map((name) => [
      name,
      of(name, idle).toFixed(1),
      of(name, busy).toFixed(1),
      median(busy.map((one, index) => one[name] / (idle[index]?.[name] ?? Number.NaN))).toFixed(2),
    ]),
  )
}

/** Everything but Zipkin, which is a tool to look at traces and not on the way. */
async function stackPids(): Promise<Record<string, number>> {
  const all = (await parts()).filter(({ part, pid }) => part !== 'zipkin' && pid)
  return Object.fromEntries(all.map(({ part, pid }) => [part, pid as number]))
}

/** Does `work` again and again. */
async function saturate(work: () => Promise<boolean>, width = CLIENTS): Promise<Done> {
  const pids = await stackPids()
  const [startedAt, before] = [performance.now(), readCpu(pids)]
  let [good, refused] = [0, 0]
  const client = async () => {
    while (performance.now() - startedAt < PHASE_MS)
      if (await work()) good++
      else refused++
  }
  await Promise.all(Array.from({ length: width }, client))
  const used = cpuBetween(before, readCpu(pids))
  const seconds = (performance.now() - startedAt) / 1_000
  return {
    perSecond: good / seconds,
    refusedPerSecond: refused / seconds,
    cpuMs: sumOf(used) / good,
    cpuByProcess: Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / good])),
  }
}

/**
 * Sends at times that do not depend on answers, so that a slow one does not hide the ones that
 * should have come after it.
 */
async function atFixedRate(ask: (index: number) => Promise<boolean>): Promise<Latencies> {
  const startedAt = performance.now()
  const answers: Promise<number>[] = []
  for (let index = 0; index < (PHASE_MS / 1_000) * OTHERS_PER_SECOND; index++) {
    const dueAt = startedAt + (index * 1_000) / OTHERS_PER_SECOND
    await delay(Math.max(0, dueAt - performance.now()))
    answers.push(ask(index).then((isGood) => (isGood ? performance.now() - dueAt : Number.POSITIVE_INFINITY)))
  }
  const sorted = (await Promise.all(answers)).toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}
