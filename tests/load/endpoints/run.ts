/** A race on the stack that the environment names. Loaded by race.ts, which starts the stack. */
import { parts } from '../../support/stack.ts'
import { type LoadClient, measureHashes, startBareHandlers, startLoadClient } from '../helpers.ts'
import { describeMachine } from '../report.ts'
import { type Figures, measure } from '../rounds.ts'
import { type Community, newCommunity } from './community.ts'
import { measureIdle, measureSingle } from './idle.ts'
import { type Measured, type Outcome, renderRace } from './page.ts'
import { Pool } from './pool.ts'
import { reads } from './reads.ts'
import { awaitRest } from './rest.ts'
import { send } from './send.ts'
import { surfaces } from './surfaces.ts'
import { label, logInRace, type Race, type RaceOptions, readRace, writeRace } from './variants.ts'
import { type BondName, bonds, type WriteEndpoint, writes } from './writes.ts'

export interface RunOptions {
  /** Parts of the names of endpoints; `idle` is the stack at rest. All of them if undefined. */
  only?: string[] | undefined
  rounds: number
  /** How long each page is asked for in each round. */
  seconds: number
  /** Changes of one run, at most. */
  changes: number
  /** Numbers of connections, each measured by itself; the first is the warm-up too. */
  connections: number[]
}

const SIZE = { viewers: 32, members: 64, videos: 120, written: 400, discussions: 6 }
/** With one connection each takes as long as ten do with 32. */
const CHANGES_ALONE = 128
const WARM_UP_ANSWERS = 600
const IDLE_SECONDS = 15
const SINGLE_WINDOWS = 5

/** @returns the report in Markdown */
export async function runRace(options: RunOptions): Promise<string> {
  const client = startLoadClient()
  const bare = startBareHandlers()
  const isChosen = (name: string) => options.only?.some((part) => name.includes(part)) ?? true
  let community: Community | undefined
  try {
    community = await newCommunity(SIZE)
    await awaitRest()
    const race: RaceOptions = { community, bare, pids: await stackPids() }
    const pools = new Map(
      Object.entries(bonds).map(([name, bond]) => [name as BondName, new Pool(bond.pairs(race.community))]),
    )
    const measured: Measured = new Map()
    let races: Race[] = []
    for (const [index, connections] of options.connections.entries()) {
      console.log(`${new Date().toISOString()}: ${connections} at a time`)
      races = await enter({ ...race, pools, isChosen, count: changesOf(options.changes, connections) })
      measured.set(connections, await measureAll(races, { ...options, client, connections, isFirst: index === 0 }))
    }
    const hashes = isChosen('/v1 log-in') ? await measureHashes({ concurrency: 1, durationMs: 3_000 }) : undefined
    const idle = isChosen('idle') ? await rest(race, pools) : undefined
    return renderRace({ machine: await describeMachine(), races, measured, hashes, idle })
  } finally {
    await bare.stop()
    await client.stop()
    // An installation of its own goes as a whole.
    if (process.env.FANONE_KEEP_STACK) await community?.remove()
  }
}

/** Each connection makes as many. */
function changesOf(most: number, connections: number): number {
  const some = connections === 1 ? Math.min(most, CHANGES_ALONE) : most
  return Math.max(1, Math.floor(some / connections)) * connections
}

interface EnterOptions extends RaceOptions {
  pools: Map<BondName, Pool>
  count: number
  isChosen: (name: string) => boolean
}

async function enter(options: EnterOptions): Promise<Race[]> {
  const races: Race[] = []
  const chosen = <Endpoint extends Parameters<typeof label>[0]>(all: Endpoint[]) =>
    all.filter((endpoint) => options.isChosen(label(endpoint)))
  for (const endpoint of chosen(reads)) races.push(await readRace(endpoint, options))
  for (const endpoint of chosen(writes)) races.push(await writeRace(endpoint, options))
  if (options.isChosen('/v1 log-in')) races.push(await logInRace(options))
  return races
}

function measureAll(
  races: Race[],
  options: Pick<RunOptions, 'rounds' | 'seconds'> & { client: LoadClient; connections: number; isFirst: boolean },
): Promise<Map<string, Figures>> {
  const { client, rounds, connections, seconds, isFirst } = options
  const warmUpAnswers = isFirst ? WARM_UP_ANSWERS : 0
  const variants = races.flatMap(({ bare, variant }) => [bare, variant])
  return measure(variants, { client, rounds, connections, until: { seconds }, warmUpAnswers })
}

/** What answers are charged with: all that the supervisor runs. */
async function stackPids(): Promise<Record<string, number>> {
  return Object.fromEntries((await parts()).flatMap(({ part, pid }) => (pid ? [[part, pid]] : [])))
}

async function rest({ pids }: RaceOptions, pools: Map<BondName, Pool>): Promise<Outcome['idle']> {
  const cpu = await measureIdle(pids, IDLE_SECONDS)
  const like = writes.find(({ surface, name }) => surface === '/v1' && name === 'like') as WriteEndpoint
  const change = async () => {
    for (const { member, id } of pools.get('like')?.take(like, 1) ?? [])
      await send(surfaces['/v1'].withToken(like.request(id), member))
  }
  return { cpu, singleLikeMs: await measureSingle(pids, { windows: SINGLE_WINDOWS, change }) }
}
