import { randomUUID } from 'node:crypto'
import { videoPublished, videoUpdated } from '@fanone/contracts'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { publishRaw } from '../support/faults.ts'
import { eventually, metrics, sumMetric } from '../support/stack.ts'
import { factsOf } from './ledger/committed-events.ts'
import { awaitQuiescence } from './ledger/quiescence.ts'
import { feedFrom } from './ledger/workloads/feed.ts'

const feedPort = 7130

let author: Member
beforeAll(async () => {
  // Late events of the file before would be counted here.
  await awaitQuiescence()
  author = await newMember()
})

test('an event that comes twice changes nothing the second time, whatever it says', async () => {
  const video = await publish(author)
  await eventually(async () => (await titlesOf(video.id)).length === 1)
  const before = await outcomes('video.updated')
  const id = randomUUID()
  const event = (version: number, title: string) => ({
    id,
    type: videoUpdated.type,
    aggregateId: video.id,
    data: factsOf(video, { version, title }),
  })
  await publishRaw(videoUpdated.topic, [event(2, 'as first told'), event(3, 'as told again')])
  await eventually(async () => (await outcomes('video.updated')).duplicate > before.duplicate)
  expect((await outcomes('video.updated')).handled).toBe(before.handled + 1)
  expect(await titlesOf(video.id)).toEqual(['as first told'])
  await author.api.videos.delete({ id: video.id })
})

test('an event that is older than what is known changes nothing', async () => {
  const video = await publish(author)
  await author.api.videos.edit({ id: video.id, title: 'the newer title' })
  await eventually(async () => (await titlesOf(video.id)).join() === 'the newer title')
  const { handled } = await outcomes('video.published')
  const data = factsOf(video, { version: 1, title: 'the older title' })
  await publishRaw(videoPublished.topic, [{ type: videoPublished.type, aggregateId: video.id, data }])
  await eventually(async () => (await outcomes('video.published')).handled > handled)
  expect(await titlesOf(video.id)).toEqual(['the newer title'])
})

/** What the feed shows of a video: one title, none, or more where it is shown twice. */
async function titlesOf(videoId: number): Promise<string[]> {
  const items = await feedFrom(author.api, videoId)
  return items.filter(({ id }) => id === videoId).map(({ title }) => title)
}

/** How many deliveries of a topic to the feed ended in which way, since it started. */
async function outcomes(topic: string) {
  const text = await metrics(feedPort)
  const of = (outcome: string) => sumMetric(text, 'fanone_events_consumed_total', { topic, outcome })
  return { handled: of('handled'), duplicate: of('duplicate') }
}
