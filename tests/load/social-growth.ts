import { identityHeaders } from '../../packages/service-kit/src/identity.ts'
import { type SidecarAddress, sendTo, sidecarOf } from '../support/sidecars.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'
import { type Community, communityOf, grow, userId, videoId } from './social-rows.ts'

const CALLS = 300
const nobody: Community = { users: 0, videos: 0, likes: 0, follows: 0, comments: 0 }

interface Read {
  name: string
  appId: 'interaction' | 'relation'
  operation: string
  input: (random: (bound: number) => number, size: Community) => object
}

const someVideos = (random: (bound: number) => number, size: Community) =>
  Array.from({ length: 100 }, () => videoId(random(size.videos)))
const someUsers = (random: (bound: number) => number, size: Community) =>
  Array.from({ length: 100 }, () => userId(random(size.users)))

const reads: Read[] = [
  {
    name: 'own likes of 100 videos',
    appId: 'interaction',
    operation: 'likes.flags',
    input: (random, size) => ({ userId: userId(random(size.users)), kind: 'video', ids: someVideos(random, size) }),
  },
  {
    name: 'what a user likes, 20',
    appId: 'interaction',
    operation: 'likes.listByUser',
    input: (random, size) => ({ kind: 'video', userId: userId(random(size.users)), limit: 20 }),
  },
  {
    name: 'comments on any video, 20',
    appId: 'interaction',
    operation: 'comments.list',
    input: (random, size) => ({ target: { kind: 'video', id: videoId(random(size.videos)) }, limit: 20 }),
  },
  {
    name: 'comments on the video that has most, 20',
    appId: 'interaction',
    operation: 'comments.list',
    input: () => ({ target: { kind: 'video', id: videoId(0) }, limit: 20 }),
  },
  {
    name: 'how one stands to 100 users',
    appId: 'relation',
    operation: 'follows.flags',
    input: (random, size) => ({ userId: userId(random(size.users)), otherIds: someUsers(random, size) }),
  },
  ...(['following', 'followers', 'friends'] as const).map(
    (list): Read => ({
      name: `${list}, 20`,
      appId: 'relation',
      operation: 'follows.list',
      input: (random, size) => ({ list, userId: userId(random(size.users)), limit: 20 }),
    }),
  ),
]

/** @param options.factor how much larger the second community is than the first */
export async function measureGrowth({ factor }: { factor: number }): Promise<void> {
  const services = { interaction: await sidecarOf('interaction'), relation: await sidecarOf('relation') }
  const [small, large] = [communityOf(1), communityOf(factor)]
  await grow(nobody, small)
  const before = await timeAll(services, small)
  const startedAt = performance.now()
  await grow(small, large)
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  const after = await timeAll(services, large)
  console.log(
    `${JSON.stringify(small)}, then ${JSON.stringify(large)}, added in ${seconds} s; medians of ${CALLS} calls\n`,
  )
  await printTable(
    ['read', 'small, ms', 'large, ms', 'large ÷ small'],
    reads.map(({ name }) => {
      const [smallMs, largeMs] = [before.get(name) ?? 0, after.get(name) ?? 0]
      return [name, smallMs.toFixed(2), largeMs.toFixed(2), (largeMs / smallMs).toFixed(2)]
    }),
  )
}

/** Calls take turns, so that what else the machine does meets all of them. */
async function timeAll(services: Record<Read['appId'], SidecarAddress>, size: Community): Promise<Map<string, number>> {
  const times = new Map<string, number[]>(reads.map(({ name }) => [name, []]))
  for (let call = -50; call < CALLS; call++) {
    for (const read of reads) {
      const startedAt = performance.now()
      await ask(services[read.appId], read, size)
      if (call >= 0) times.get(read.name)?.push(performance.now() - startedAt)
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]))
}

async function ask({ appPort, appToken }: SidecarAddress, read: Read, size: Community): Promise<void> {
  const random = (bound: number) => Math.floor(Math.random() * bound)
  const headers = identityHeaders({ userId: userId(random(size.users)), sessionId: 'bench' })
  const json = read.input(random, size)
  const reply = await sendTo(appPort, { path: `/internal/${read.operation}`, token: appToken, headers, json })
  if (reply.status !== 200 || /"code":/.test(reply.text)) throw new Error(`${read.name}: ${reply.status} ${reply.text}`)
}
