import { beforeAll, describe, expect, test } from 'vitest'
import { api, newMember, publish, scrollFeed } from '../support/community.ts'
import { freeze } from '../support/faults.ts'
import { apiUrl, eventually, metrics, sumMetric } from '../support/stack.ts'

const ports = { gateway: 7100, user: 7110, video: 7120, feed: 7130 }
const services = Object.keys(ports) as (keyof typeof ports)[]
const requests = 'fanone_http_request_duration_seconds'

let videoId: number

beforeAll(async () => {
  const member = await newMember()
  const video = await publish(member)
  videoId = video.id
  await member.api.videos.get({ id: videoId })
  await api().users.get({ id: member.user.id })
  await eventually(async () =>
    (await scrollFeed({ limit: 100, accessToken: member.tokens.accessToken })).includes(videoId),
  )
})

describe.for(services)('/metrics of %s', (service) => {
  test('counts and times requests by route template, method and status', async () => {
    const text = await metrics(ports[service])
    expect(sumMetric(text, `${requests}_count`, { status: '200' })).toBeGreaterThan(0)
    expect(sumMetric(text, `${requests}_sum`, { status: '200' })).toBeGreaterThan(0)
    const route = { gateway: '/v1/videos/{id}', user: '/internal/profiles.getMany', video: '/internal/videos.getMany' }
    const expected = { ...route, feed: '/internal/timelines.newest' }[service]
    expect(sumMetric(text, `${requests}_count`, { route: expected })).toBeGreaterThan(0)
  })

  test('no id, key or token ever becomes a label', async () => {
    const text = await metrics(ports[service])
    expect(text).not.toContain(String(videoId))
    for (const [, route = ''] of text.matchAll(/route="([^"]*)"/g)) expect(route).not.toMatch(/\d{5,}|[0-9a-f]{16,}/)
  })

  test('tells of the Node runtime: event loop, garbage collection, heap', async () => {
    const text = await metrics(ports[service])
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_gc_duration_seconds_count',
      'nodejs_heap_size_used_bytes',
    ])
      expect(sumMetric(text, name), name).toBeGreaterThan(0)
  })
})

test('unknown addresses share one label, so that scanners make no new series', async () => {
  for (let attempt = 0; attempt < 3; attempt++) await fetch(`${apiUrl}/no/such/place/${videoId}-${attempt}`)
  const text = await metrics(ports.gateway)
  expect(text).not.toContain('/no/such/place')
  expect(sumMetric(text, `${requests}_count`, { route: 'none', status: '404' })).toBeGreaterThanOrEqual(3)
})

test('an event that waits shows in the outbox metrics of its sender, and no more when it is out', async () => {
  const member = await newMember()
  const thawKafka = await freeze('kafka')
  await publish(member)
  await eventually(async () => {
    const text = await metrics(ports.video)
    return sumMetric(text, 'fanone_outbox_pending') > 0 && sumMetric(text, 'fanone_outbox_lag_seconds') > 0
  })
  thawKafka()
  await eventually(
    async () => {
      const text = await metrics(ports.video)
      return sumMetric(text, 'fanone_outbox_pending') === 0 && sumMetric(text, 'fanone_outbox_lag_seconds') === 0
    },
    { timeoutMs: 40_000 },
  )
})

test('events are counted where they are sent and where they are handled', async () => {
  const sent = sumMetric(await metrics(ports.video), 'fanone_outbox_published_total', { topic: 'video.published' })
  const labels = { topic: 'video.published', outcome: 'handled' }
  const handled = sumMetric(await metrics(ports.feed), 'fanone_events_consumed_total', labels)
  const video = await publish(await newMember())
  expect(video.id).toBeGreaterThan(0)
  await eventually(async () => {
    const [sender, receiver] = [await metrics(ports.video), await metrics(ports.feed)]
    const isSent = sumMetric(sender, 'fanone_outbox_published_total', { topic: 'video.published' }) > sent
    return isSent && sumMetric(receiver, 'fanone_events_consumed_total', labels) > handled
  })
})
