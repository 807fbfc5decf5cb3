import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { V1Video } from '@fanone/contracts/gateway'
import { Redis } from 'ioredis'
import { beforeAll, expect, test } from 'vitest'
import { api, type Member, newMember, publish, randomName, scrollFeed } from '../support/community.ts'
import { send, sendAsIs } from '../support/http.ts'
import { cli, eventually, metrics, port, secrets, sumMetric } from '../support/stack.ts'

let author: Member
let reader: Member
beforeAll(async () => {
  author = await newMember('author')
  reader = await newMember('reader')
})

const NEWEST = '/v1/feeds/newest'
/** The whole feed, never from a cache. */
const wholeFeed = () => scrollFeed({ limit: 100, accessToken: reader.tokens.accessToken })

/** Publishes, one after the other, and waits until the feed has them. @returns oldest first */
async function publishSeveral(count: number): Promise<V1Video[]> {
  const videos: V1Video[] = []
  for (let number = 0; number < count; number++) videos.push(await publish(author))
  await eventually(async () => {
    const seen = await wholeFeed()
    return videos.every(({ id }) => seen.includes(id))
  })
  return videos
}

async function withRedis<Result>(use: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis({
    host: '127.0.0.1',
    port: port(7002),
    password: String((await secrets())['redis-password']),
  })
  try {
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}

test('whoever scrolls sees each video once, though others are published and deleted between the pages', async () => {
  const videos = await publishSeveral(7)
  const [oldest] = videos as [V1Video]
  // What vanishes while somebody scrolls: the end of the first page, where the cursor stands, then
  // the start of the third.
  const doomed = [Number(videos[5]?.id), Number(videos[2]?.id)]
  const seen: number[] = []
  let cursor: string | undefined
  do {
    const page = await reader.api.feeds.newest({ limit: 2, ...(cursor && { cursor }) })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
    const victim = doomed.shift()
    if (victim === undefined) continue
    const arrival = await publish(author)
    await author.api.videos.delete({ id: victim })
    await eventually(async () => {
      const now = await wholeFeed()
      return now.includes(arrival.id) && !now.includes(victim)
    })
  } while (cursor && Number(seen.at(-1)) > oldest.id)

  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toEqual([...seen].sort((a, b) => b - a))
  const stayed = videos.filter((_, index) => index !== 5 && index !== 2).map(({ id }) => id)
  expect(stayed.filter((id) => !seen.includes(id))).toEqual([])
  expect(seen).not.toContain(videos[2]?.id)
  const arrived = seen.filter((id) => id > Number(videos.at(-1)?.id))
  expect(arrived).toEqual([])
})

test('the last page says so, and pages of any size make up the same feed', async () => {
  await publishSeveral(3)
  const whole = await wholeFeed()
  for (const limit of [Math.min(99, 1 + Math.floor(whole.length / 2)), 100]) {
    expect(await scrollFeed({ limit, accessToken: reader.tokens.accessToken })).toEqual(whole)
  }
})

test("a visitor's feed may be kept by caches and is not sent again while it is the same", async () => {
  const path = `${NEWEST}?limit=${randomInt(21, 100)}`
  const first = await sendAsIs('GET', path)
  const etag = String(first.headers.get('etag'))
  expect(first.headers.get('cache-control')).toMatch(/^public, max-age=\d+/)
  expect(first.headers.get('vary')).toMatch(/authorization/i)
  expect(etag).toMatch(/^"[\w-]{20,}"$/)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await sendAsIs('GET', path, { 'if-none-match': known })
    expect(answer).toMatchObject({ status: 304, text: '' })
    expect(answer.headers.get('etag')).toBe(etag)
    expect(answer.headers.get('cache-control')).toMatch(/^public/)
  }
  expect((await sendAsIs('GET', path, { 'if-none-match': '"other"' })).text).toBe(first.text)

  const video = await publish(author)
  const changed = await eventually(async () => {
    const answer = await sendAsIs('GET', path, { 'if-none-match': etag })
    return answer.status === 200 && answer.text.includes(String(video.id)) && answer
  })
  expect(changed.headers.get('etag')).not.toBe(etag)
})

test('the feed of somebody who is logged in is kept by no shared cache', async () => {
  const { status, headers } = await send('GET', NEWEST, { token: reader.tokens.accessToken })
  expect(status).toBe(200)
  expect(headers.get('cache-control')).toMatch(/private/)
  expect(headers.get('vary')).toMatch(/authorization/i)
})

test('many visitors at the same time are one question to the feed service', async () => {
  // A page of a size that nobody else asks for, so that it is in no cache.
  const path = `${NEWEST}?limit=${randomInt(21, 100)}`
  const questions = async () =>
    sumMetric(await metrics(7130), 'fanone_http_request_duration_seconds_count', {
      route: '/internal/timelines.newest',
    })
  for (let round = 0; round < 3; round++) {
    // An answer is fresh for a second; another test may have asked for a page of this size just
    // now.
    await delay(1_000)
    const [before, startedAt] = [await questions(), performance.now()]
    const answers = await Promise.all(Array.from({ length: 100 }, () => send('GET', path)))
    const secondsLong = (performance.now() - startedAt) / 1000
    for (const { status } of answers) expect(status).toBe(200)
    // Who is shown an older page does not wait for the newer one.
    const asked = await eventually(async () => (await questions()) - before || undefined)
    expect(asked).toBeLessThanOrEqual(1 + Math.floor(secondsLong))
  }
})

test('the command that rebuilds the feed brings back what was lost or damaged', async () => {
  const [lost, damaged, kept, deleted] = (await publishSeveral(4)) as [V1Video, V1Video, V1Video, V1Video]
  await author.api.videos.delete({ id: deleted.id })
  await eventually(async () => !(await wholeFeed()).includes(deleted.id))
  const before = await wholeFeed()
  // More than those that are shown, where another file has left a banned user.
  const { all: held } = await cli('feed:rebuild')
  await withRedis(async (redis) => {
    await redis.zrem('feed:newest', lost.id)
    await redis.del(`feed:card:${lost.id}`)
    const record = await redis.getrange(`feed:card:${damaged.id}`, 0, -1)
    await redis.set(`feed:card:${damaged.id}`, record.replace(damaged.title, 'damaged'))
    await redis.set(`feed:card:${deleted.id}`, record.replaceAll(String(damaged.id), String(deleted.id)))
    await redis.zadd('feed:newest', deleted.id, deleted.id)
    // Whoever changes the timelines says so; here it is what makes the feed look at them.
    await redis.del('feed:changed')
  })
  const between = await wholeFeed()
  expect(between).not.toContain(lost.id)
  expect(between).toContain(deleted.id)

  const { exitCode, all } = await cli('feed:rebuild')
  expect({ exitCode, all }).toEqual({ exitCode: 0, all: held })
  expect(await wholeFeed()).toEqual(before)
  const { items } = await reader.api.feeds.newest({ limit: 100 })
  expect(items.find(({ id }) => id === damaged.id)?.title).toBe(damaged.title)
  expect(items.find(({ id }) => id === kept.id)?.author.name).toBe(author.user.name)
})

test('a rebuild that takes longer than a call may is waited for', async () => {
  const { all: held } = await cli('feed:rebuild')
  // As an instance that is at it would hold it.
  await withRedis((redis) => redis.set('feed:rebuild-lock', 'another instance', 'PX', 300_000))
  const rebuilding = cli('feed:rebuild')
  let told = ''
  rebuilding.all.on('data', (text) => {
    told += text
  })
  await eventually(() => told.includes('still being rebuilt'), { timeoutMs: 60_000 })
  await withRedis((redis) => redis.del('feed:rebuild-lock'))
  const { exitCode, all } = await rebuilding
  expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringContaining(held) })
})

test('a Redis that lost everything has the right feed again by itself, and never shows an empty one', async () => {
  await publishSeveral(2)
  const before = await wholeFeed()
  await withRedis((redis) => redis.flushall())
  const statuses = new Set<number>()
  const during = await eventually(async () => {
    const answer = await send('GET', `${NEWEST}?limit=5`, { token: reader.tokens.accessToken })
    statuses.add(answer.status)
    return answer.status === 200 && (answer.json as { items: { id: number }[] })
  })
  for (const status of statuses) expect(status).toBeOneOf([200, 503])
  expect(during.items.map(({ id }) => id)).toEqual(before.slice(0, 5))
  expect(await wholeFeed()).toEqual(before)
  const [next] = await publishSeveral(1)
  expect(await wholeFeed()).toEqual([next?.id, ...before])
})

test('a name that was changed while the feed was lost is the one it shows', async () => {
  await publishSeveral(1)
  const name = randomName('renamed')
  await withRedis((redis) => redis.flushall())
  await author.api.users.editMe({ name })
  await eventually(async () => {
    const { items } = await api().feeds.newest({ limit: 1 })
    return items[0]?.author.name === name
  })
})
