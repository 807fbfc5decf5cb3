import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { scaled } from '../support/sampling.ts'
import { apiUrl, cli, healthy, kill9, metrics, parts, sumMetric } from '../support/stack.ts'

const feedPorts = [7130, 7131, 7132]
const calls = scaled({ quick: 1_200, full: 3_000 })
const concurrency = 16

let reader: Member
let expectedIds: number[]

beforeAll(async () => {
  const [author, follower] = [await newMember(), await newMember()]
  reader = follower
  await reader.api.relations.follow({ id: author.user.id })
  const videos = [await publish(author), await publish(author), await publish(author)]
  expectedIds = videos.map(({ id }) => id).toReversed()
  const scaling = await cli('scale', 'feed', '3')
  expect(scaling.exitCode, scaling.all).toBe(0)
  // Each of the three is known to the others, and the feed shows what it should.
  await vi.waitFor(async () => {
    expect(await readFeed()).toBe('right')
    expect(Math.min(...(await answered()))).toBeGreaterThan(0)
    // A sidecar tries an instance again only after about as long as it was away (gRPC's backoff):
    // here, since an earlier run.
  }, 90_000)
})

afterAll(async () => {
  await cli('scale', 'feed', '1')
  await healthy()
})

test('calls spread over three instances, none gets less than a quarter', async () => {
  const before = await answered()
  const answers = await readMany(calls)
  expect(answers).toEqual({ right: calls })
  const shares = (await answered()).map((count, index) => count - (before[index] as number))
  for (const share of shares) expect(share, `shares ${shares}`).toBeGreaterThanOrEqual(calls / 4)
})

test.for([
  ['the service of one instance', ['feed-1']],
  ['the first instance with its sidecar', ['feed', 'feed.sidecar']],
] as const)('no read is lost when %s is killed', async ([, victims]) => {
  const reading = readMany(1_000, {
    onCall: async (call) => {
      if (call === 200) await Promise.all(victims.map(kill9))
    },
  })
  expect(await reading).toEqual({ right: 1_000 })
  await healthy()
})

test('scaling down takes the surplus away and loses no read', async () => {
  const reading = readMany(1_000)
  const scaling = await cli('scale', 'feed', '1')
  expect(await reading).toEqual({ right: 1_000 })
  expect(scaling.exitCode, scaling.all).toBe(0)
  const left = (await parts()).map((one) => one.part).filter((name) => name.startsWith('feed'))
  expect(left).toEqual(['feed', 'feed.sidecar'])
})

/**
 * Reads the following timeline, which unlike the others no two viewers share.
 *
 * @returns `right`, or what was wrong
 */
async function readFeed(): Promise<string> {
  const response = await fetch(`${apiUrl}/v1/feeds/following?limit=3`, {
    headers: { authorization: `Bearer ${reader.tokens.accessToken}` },
  })
  const body = (await response.json()) as { items?: { id: number }[]; code?: string }
  if (response.status !== 200) return `${response.status} ${body.code}`
  const ids = body.items?.map(({ id }) => id)
  return JSON.stringify(ids) === JSON.stringify(expectedIds) ? 'right' : `wrong items ${ids}`
}

/** Reads the feed many times, `concurrency` at a time. @returns how often each answer came */
async function readMany(
  count: number,
  options: { onCall?: (call: number) => Promise<void> } = {},
): Promise<Record<string, number>> {
  const tally: Record<string, number> = {}
  let call = 0
  const reader = async () => {
    while (call < count) {
      const beside = options.onCall?.(call)
      call++
      const answer = await readFeed().catch((error: Error) => error.message)
      tally[answer] = (tally[answer] ?? 0) + 1
      await beside
    }
  }
  await Promise.all(Array.from({ length: concurrency }, reader))
  return tally
}

/** How many reads of the feed each instance has answered. */
function answered(): Promise<number[]> {
  return Promise.all(
    feedPorts.map(async (appPort) =>
      sumMetric(await metrics(appPort), 'fanone_http_request_duration_seconds_count', {
        route: '/internal/timelines.following',
      }),
    ),
  )
}
