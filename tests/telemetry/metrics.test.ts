import { beforeAll, describe, expect, test } from 'vitest'
import { api, newMember, publish, scrollFeed } from '../support/community.ts'
import { freeze } from '../support/faults.ts'
import { services } from '../support/services.ts'
import { apiUrl, eventually, metrics, sumMetric } from '../support/stack.ts'

const gatewayPort = 7100
const videoPort = 7120
const feedPort = 7130
const requests = 'fanone_http_request_duration_seconds'

let videoId: number

beforeAll(async () => {
  const member = await newMember()
  const video = await publish(member)
  videoId = video.id
  await member.api.videos.get({ id: videoId })
  await api().users.get({ id: member.user.id })
  await member.api.visits.record({ id: videoId })
  await member.api.videos.similar({ id: videoId })
  await eventually(async () =>
    (await scrollFeed({ limit: 100, accessToken: member.tokens.accessToken })).includes(videoId),
  )
})

describe.for(services)('/metrics of $appId', ({ appId, ports }) => {
  const ownMetrics = async () => (await fetch(`http://127.0.0.1:${ports.app}/metrics`)).text()

  test('counts and times requests by route template, method and status', async () => {
    const text = await ownMetrics()
    expect(sumMetric(text, `${requests}_count`, { status: '200' })).toBeGreaterThan(0)
    expect(sumMetric(text, `${requests}_sum`, { status: '200' })).toBeGreaterThan(0)
    const template = appId === 'gateway' ? '/v1/videos/{id}' : '/internal/[a-zA-Z]+\\.[a-zA-Z]+'
    expect(text).toMatch(new RegExp(`^${requests}_count\\{.*route="${template}"`, 'm'))
  })

  test('no id, key or token ever becomes a label', async () => {
    const text = await ownMetrics()
    expect(text).not.toContain(String(videoId))
    for (const [, route = ''] of text.matchAll(/route="([^"]*)"/g)) expect(route).not.toMatch(/\d{5,}|[0-9a-f]{16,}/)
  })

  test('tells of the Node runtime: event loop, garbage collection, heap', async () => {
    const text = await ownMetrics()
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
  const text = await metrics(gatewayPort)
  expect(text).not.toContain('/no/such/place')
  expect(sumMetric(text, `${requests}_count`, { route: 'none', status: '404' })).toBeGreaterThanOrEqual(3)
})

test('an event that waits shows in the outbox metrics of its sender, and no more when it is out', async () => {
  const member = await newMember()
  const thawKafka = await freeze('kafka')
  await publish(member)
  await eventually(async () => {
    const text = await metrics(videoPort)
    return sumMetric(text, 'fanone_outbox_pending') > 0 && sumMetric(text, 'fanone_outbox_lag_seconds') > 0
  })
  thawKafka()
  await eventually(
    async () => {
      const text = await metrics(videoPort)
      return sumMetric(text, 'fanone_outbox_pending') === 0 && sumMetric(text, 'fanone_outbox_lag_seconds') === 0
    },
    { timeoutMs: 40_000 },
  )
})

test('events are counted where they are sent and where they are handled', async () => {
  const sent = sumMetric(await metrics(videoPort), 'fanone_outbox_published_total', { topic: 'video.published' })
  const labels = { topic: 'video.published', outcome: 'handled' }
  const handled = sumMetric(await metrics(feedPort), 'fanone_events_consumed_total', labels)
  const video = await publish(await newMember())
  expect(video.id).toBeGreaterThan(0)
  await eventually(async () => {
    const [sender, receiver] = [await metrics(videoPort), await metrics(feedPort)]
    const isSent = sumMetric(sender, 'fanone_outbox_published_total', { topic: 'video.published' }) > sent
    return isSent && sumMetric(receiver, 'fanone_events_consumed_total', labels) > handled
  })
})
