import { afterAll, beforeAll, expect, test } from 'vitest'
import { parts } from '../support/stack.ts'
import { type Community, newCommunity } from './endpoints/community.ts'
import { Pool } from './endpoints/pool.ts'
import { reads } from './endpoints/reads.ts'
import { awaitRest } from './endpoints/rest.ts'
import { label, type Race, type RaceOptions, readRace, writeRace } from './endpoints/variants.ts'
import { bonds, writes } from './endpoints/writes.ts'
import figures from './figures.json' with { type: 'json' }
import { type BareHandlers, type LoadClient, startBareHandlers, startLoadClient } from './helpers.ts'
import { measure } from './rounds.ts'

/** What a change may cost before it has to be explained. */
const TOLERATED = 1.25
/** As many as calls need to share hops. */
const CONNECTIONS = 32
/** So many that the wait for the last event is a small part. */
const CHANGES = 480
/**
 * A trace that its beginner does not keep (W3C Trace Context), so that no exporter works beside
 * what is measured.
 */
const untraced = { traceparent: `00-${'4b'.repeat(16)}-${'f0'.repeat(8)}-00` }

let client: LoadClient
let bare: BareHandlers
let community: Community
const races = new Map<string, Race>()

beforeAll(async () => {
  client = startLoadClient()
  bare = startBareHandlers()
  community = await newCommunity({ viewers: 8, members: 8, videos: 31, written: 600, discussions: 1 })
  await awaitRest()
  const all = (await parts()).flatMap(({ part, pid }) => (pid ? [[part, pid]] : []))
  const options: RaceOptions = { community, bare, pids: Object.fromEntries(all), headers: untraced }
  const pools = new Map([['like', new Pool(bonds.like.pairs(community))] as const])
  const isWatched = (endpoint: Parameters<typeof label>[0]) => label(endpoint) in figures
  for (const endpoint of reads.filter(isWatched)) races.set(label(endpoint), await readRace(endpoint, options))
  for (const endpoint of writes.filter(isWatched))
    races.set(label(endpoint), await writeRace(endpoint, { ...options, pools, count: CHANGES }))
})

afterAll(async () => {
  await client?.stop()
  await bare?.stop()
  await community?.remove()
})

test.for(Object.keys(figures) as (keyof typeof figures)[])(
  'the CPU of %s, in that of a bare Express handler, is not a quarter above what it was',
  { timeout: 400_000 },
  async (name) => {
    const most = figures[name] * TOLERATED
    const times = await compare(name, 2)
    // Somebody else's work on the machine can spoil a few rounds, hardly more.
    expect(times <= most ? times : await compare(name, 6), `CPU of ${name} ÷ CPU of bare`).toBeLessThanOrEqual(most)
  },
)

/** @returns CPU of the whole stack for one answer, as a multiple of that of the bare handler */
async function compare(name: keyof typeof figures, rounds: number): Promise<number> {
  const { bare: yardstick, variant } = races.get(name) as Race
  const measured = await measure([yardstick, variant], {
    client,
    rounds,
    until: { seconds: 1 },
    connections: CONNECTIONS,
    warmUpAnswers: 300,
  })
  const [base, own] = [measured.get(yardstick.name), measured.get(variant.name)]
  for (const one of [base, own]) expect(one).toMatchObject({ wrong: 0, failed: 0, limited: 0, shed: 0 })
  const [bareMs, ownMs] = [base?.leastCpuMs ?? Number.NaN, own?.leastCpuMs ?? Number.NaN]
  console.log(`${name}: ${ownMs.toFixed(3)} ms, ${(ownMs / bareMs).toFixed(1)} times bare, ${rounds} rounds`)
  return ownMs / bareMs
}
