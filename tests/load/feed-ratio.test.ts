import { afterAll, beforeAll, expect, test } from 'vitest'
import { parts } from '../support/stack.ts'
import { PAGE_SIZE, planGateway, planService } from './feed-requests.ts'
import figures from './figures.json' with { type: 'json' }
import { type HelperProcess, type LoadClient, startBareHandler, startLoadClient } from './helpers.ts'
import { measure, type Variant } from './rounds.ts'
import { addVideos } from './videos.ts'

/** What a change may cost before it has to be explained. */
const TOLERATED = 0.75
const CONNECTIONS = 8
/**
 * A trace that its beginner does not keep (W3C Trace Context), so that no exporter works beside
 * what is measured.
 */
const untraced = `00-${'4b'.repeat(16)}-${'f0'.repeat(8)}-00`

let client: LoadClient
let bare: HelperProcess & { url: string }
let videos: Awaited<ReturnType<typeof addVideos>>
let variants: Record<'bare' | keyof typeof figures, Variant>

beforeAll(async () => {
  videos = await addVideos(PAGE_SIZE + 1)
  client = startLoadClient()
  const anonymous = await planGateway({ pages: 1 })
  bare = await startBareHandler(anonymous.requests[0]?.expected as string)
  const pids = Object.fromEntries((await parts()).map(({ part, pid }) => [part, pid as number]))
  const only = (...names: string[]) => Object.fromEntries(names.map((name) => [name, pids[name] as number]))
  variants = {
    bare: { name: 'bare', plan: { ...anonymous, url: bare.url }, pids: { bare: bare.pid } },
    anonymousFeed: { name: 'anonymousFeed', plan: anonymous, pids: only('gateway') },
    feedService: {
      name: 'feedService',
      plan: await planService({ pages: 1, traceparent: untraced }),
      pids: only('feed', 'redis'),
    },
  }
})

afterAll(async () => {
  await client?.stop()
  await bare?.stop()
  await videos?.remove()
})

test.for(Object.keys(figures) as (keyof typeof figures)[])(
  'the CPU of %s, seen from a bare Express handler, is not a quarter above what it was',
  { timeout: 400_000 },
  async (name) => {
    const least = figures[name] * TOLERATED
    const ratio = await compare(name, 4)
    // Somebody else's work on the machine can spoil a few rounds, hardly more.
    expect(ratio >= least ? ratio : await compare(name, 12), `CPU of bare ÷ CPU of ${name}`).toBeGreaterThanOrEqual(
      least,
    )
  },
)

/** @returns CPU per answer of the bare handler, as part of that of the variant */
async function compare(name: keyof typeof figures, rounds: number): Promise<number> {
  const measured = await measure([variants.bare, variants[name]], {
    client,
    rounds,
    // CPU time is counted in hundredths of a second.
    until: { answers: 6_000 },
    connections: CONNECTIONS,
    warmUpAnswers: 6_000,
  })
  const [base, own] = [measured.get('bare'), measured.get(name)]
  for (const one of [base, own]) expect(one).toMatchObject({ wrong: 0, failed: 0, limited: 0, shed: 0 })
  const ratio = (base?.leastCpuMs ?? Number.NaN) / (own?.leastCpuMs ?? Number.NaN)
  const ms = [base, own].map((one) => one?.leastCpuMs.toFixed(3))
  console.log(
    `CPU of the bare handler is ${ratio.toFixed(3)} of that of ${name} (${ms.join(' and ')} ms), ${rounds} rounds`,
  )
  return ratio
}
