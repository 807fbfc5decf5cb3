import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type EventData, videoPublished, videoUpdated } from '@fanone/contracts'
import type { V1Video } from '@fanone/contracts/gateway'
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { api, type Member, newMember, publish, randomName, scrollFeed } from '../support/community.ts'
import { freeze, keepDown, killAndAwait, publishRaw, rounds, unpublishedEvents } from '../support/faults.ts'
import { eventually, healthy, kill9, metrics, sumMetric } from '../support/stack.ts'

const feedPort = 7130
const videoPort = 7120
/** Longer than a sidecar needs to notice that its service is gone. */
const outageMs = 5_000
/** Until events flow again after a fault; generous, because machines differ. */
const recovery = { timeout: 45_000, interval: 200 }

let author: Member

beforeAll(async () => {
  author = await newMember()
})

afterEach(() => healthy())

describe('kill -9 between the commit and the publish of the event', () => {
  const victims = [['video'], ['video.sidecar'], ['video', 'video.sidecar']]

  for (let round = 0; round < rounds; round++) {
    const killed = victims[round % victims.length] as string[]
    test(`round ${round + 1}: with ${killed.join(' and ')} killed, what was acknowledged is in the feed exactly once`, async () => {
      const thawKafka = await freeze('kafka')
      const videos = await Promise.all([publish(author), publish(author)])
      expect(await unpublishedEvents('video')).toBeGreaterThanOrEqual(videos.length)
      await Promise.all(killed.map(kill9))
      thawKafka()
      // What was on its way when video was killed may be published a second time, so this is looked at last.
      await eventually(async () => (await unpublishedEvents('video')) === 0, { timeoutMs: recovery.timeout })
      await shownOnce(videos)
    })
  }

  test('what video was doing when it was killed is published once or not at all, in the catalogue and in the feed', async () => {
    const uploader = await newMember()
    const titles = Array.from({ length: 3 * rounds }, () => randomName('title'))
    const publishing = titles.map((title, index) => delay(index * 150).then(() => publish(uploader, { title })))
    await publishing[0]
    await kill9('video')
    const results = await Promise.allSettled(publishing)
    for (const result of results) if (result.status === 'rejected') expect(result.reason.status).toBe(503)
    const acknowledged = results.filter((result) => result.status === 'fulfilled').map((result) => result.value.id)
    await healthy('video')
    await eventually(async () => (await unpublishedEvents('video')) === 0)
    const { items } = await uploader.api.users.listVideos({ id: uploader.user.id, limit: 100 as never })
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged))
    expect(new Set(items.map(({ title }) => title)).size).toBe(items.length)
    await shownOnce(items)
  })
})

describe('kill -9 of feed in the middle of handling', () => {
  for (let round = 0; round < rounds; round++) {
    test(`round ${round + 1}: an event that was being handled is handled again`, async () => {
      // Publications are refused for some seconds after video was killed (the breaker of the gateway's sidecar).
      await eventually(() => publish(author))
      const thawRedis = await freeze('redis')
      const before = await published()
      const videos = await Promise.all([publish(author), publish(author)])
      await eventually(async () => (await published()) >= before + videos.length)
      // The broker has it; the handler waits a second for the frozen Redis.
      await delay(300)
      const pid = await kill9('feed')
      thawRedis()
      await healthy('feed', { not: pid })
      await shownOnce(videos)
      // Not only the rebuild at start: the new process was given the events.
      await eventually(async () => (await consumed('video.published', ['handled', 'duplicate'])) >= videos.length)
    })
  }

  test(
    'edits and deletions that go on while feed is killed again and again all arrive',
    async () => {
      const videos = await Promise.all(Array.from({ length: 3 }, () => publish(author)))
      const titles = new Map<number, string>()
      let isKilling = true
      onTestFinished(() => {
        isKilling = false
      })
      const editing = videos.map(async ({ id }) => {
        for (let version = 1; isKilling; version++) {
          const { title } = await author.api.videos.edit({ id, title: `edit ${version} ${randomName()}` })
          titles.set(id, title)
          await delay(100)
        }
      })
      for (let round = 0; round < rounds; round++) {
        await delay(300)
        await killAndAwait('feed')
      }
      isKilling = false
      await Promise.all(editing)
      const [deleted, ...kept] = videos as [V1Video, ...V1Video[]]
      await author.api.videos.delete({ id: deleted.id })
      await vi.waitFor(async () => {
        const shown = await feedItems()
        for (const { id } of kept) expect(shown.get(id)).toEqual([titles.get(id)])
        expect(shown.has(deleted.id)).toBe(false)
      }, recovery)
    },
    60_000 + rounds * 15_000,
  )

  test('what is published, edited and deleted while feed is away arrives when it is back, and so does what follows', async () => {
    const [edited, deleted] = await Promise.all([publish(author), publish(author)])
    await shownOnce([edited, deleted])
    const letFeedComeBack = await keepDown('feed')
    const published = await publish(author)
    await author.api.videos.edit({ id: edited.id, title: 'edited while feed was away' })
    await author.api.videos.delete({ id: deleted.id })
    await delay(outageMs)
    await letFeedComeBack()
    await healthy('feed')
    // What feed missed it may also have learnt from the rebuild at its start; these can only come as events.
    const later = await publish(author)
    await author.api.videos.delete({ id: published.id })
    await author.api.videos.edit({ id: edited.id, title: 'edited when feed was back' })
    await vi.waitFor(async () => {
      const shown = await feedItems()
      expect(shown.get(later.id), 'published later').toEqual([later.title])
      expect(shown.get(edited.id), 'edited later').toEqual(['edited when feed was back'])
      expect([shown.has(deleted.id), shown.has(published.id)], 'deleted').toEqual([false, false])
    }, recovery)
  })
})

describe('an event that comes twice', () => {
  test('changes nothing the second time, whatever it says', async () => {
    const video = await publish(author)
    await shownOnce([video])
    const before = await outcomes('video.updated')
    const id = randomUUID()
    const event = (version: number, title: string) => ({
      id,
      type: videoUpdated.type,
      aggregateId: video.id,
      data: factsOf(video, { version, title }),
    })
    await publishRaw(videoUpdated.topic, [event(2, 'as first told'), event(3, 'as told again')])
    await eventually(async () => (await outcomes('video.updated')).duplicate === before.duplicate + 1)
    expect((await outcomes('video.updated')).handled).toBe(before.handled + 1)
    expect((await feedItems()).get(video.id)).toEqual(['as first told'])
    await author.api.videos.delete({ id: video.id })
  })

  test('changes nothing if it is older than what is known', async () => {
    const video = await publish(author)
    await author.api.videos.edit({ id: video.id, title: 'the newer title' })
    await eventually(async () => (await feedItems()).get(video.id)?.join() === 'the newer title')
    const { handled } = await outcomes('video.published')
    const data = factsOf(video, { version: 1, title: 'the older title' })
    await publishRaw(videoPublished.topic, [{ type: videoPublished.type, aggregateId: video.id, data }])
    await eventually(async () => (await outcomes('video.published')).handled === handled + 1)
    expect((await feedItems()).get(video.id)).toEqual(['the newer title'])
  })
})

describe('an event that cannot be handled', () => {
  test.for([
    ['data that does not fit the schema', { type: videoPublished.type, data: { videoId: 'not a number' } }],
    ['a version nobody knows', { type: 'video.published.v99', data: {} }],
  ] as const)('goes to the dead letters, and those behind it are handled: %s', async ([, poison]) => {
    const deadLetters = await consumed('video.published', ['dead_lettered'])
    const video = await publish(author)
    await publishRaw(videoPublished.topic, [{ ...poison, aggregateId: video.id }])
    await author.api.videos.edit({ id: video.id, title: 'edited behind the poison' })
    const behind = factsOf(video, { version: 3, title: 'published behind the poison' })
    await publishRaw(videoPublished.topic, [{ type: videoPublished.type, aggregateId: video.id, data: behind }])
    await eventually(async () => (await consumed('video.published', ['dead_lettered'])) === deadLetters + 1)
    await eventually(async () => (await feedItems()).get(video.id)?.[0] === 'published behind the poison')
    await author.api.videos.edit({ id: video.id, title: 'as it is in the catalogue' })
  })
})

const scroll = () => scrollFeed({ limit: 100, accessToken: author.tokens.accessToken })

/** Waits until each of the videos is in the feed exactly once. */
async function shownOnce(videos: { id: number }[]): Promise<void> {
  await vi.waitFor(async () => {
    const ids = await scroll()
    for (const { id } of videos) {
      const times = ids.filter((shown) => shown === id).length
      expect(times, `how often the feed shows ${id}`).toBe(1)
    }
  }, recovery)
}

/** Every title that the feed shows, by video; more than one would be a video shown twice. */
async function feedItems(): Promise<Map<number, string[]>> {
  const reader = api(author.tokens.accessToken)
  const titles = new Map<number, string[]>()
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await reader.feeds.newest({ limit: 100 as never, ...(cursor ? { cursor } : {}) })
    for (const { id, title } of page.items) titles.set(id, [...(titles.get(id) ?? []), title])
    cursor = page.nextCursor
  }
  return titles
}

/** How many `video.published` the video service has handed to the broker. */
async function published(): Promise<number> {
  return sumMetric(await metrics(videoPort), 'fanone_outbox_published_total', { topic: 'video.published' })
}

/** How many deliveries to the feed ended in one of these ways, since it started. */
async function consumed(topic: string, ways: string[]): Promise<number> {
  const text = await metrics(feedPort)
  return ways.reduce((sum, outcome) => sum + sumMetric(text, 'fanone_events_consumed_total', { topic, outcome }), 0)
}

async function outcomes(topic: string) {
  return { handled: await consumed(topic, ['handled']), duplicate: await consumed(topic, ['duplicate']) }
}

function factsOf(video: V1Video, change: { version: number; title: string }): EventData<typeof videoPublished> {
  const key = (url: string) => new URL(url).pathname.replace('/media/', '')
  const { id, authorId, description, durationMs, width, height, createdAt, updatedAt } = video
  const keys = { videoKey: key(video.videoUrl), coverKey: key(video.coverUrl) }
  return { videoId: id, authorId, description, durationMs, width, height, createdAt, updatedAt, ...keys, ...change }
}
