import { afterAll, beforeAll, expect, test } from 'vitest'
import { AlertReceiver } from '../support/alert-receiver.ts'
import { type Member, newMember } from '../support/community.ts'
import { freeze, keepDown, publishRaw } from '../support/faults.ts'
import { eventually } from '../support/stack.ts'

// Real faults; Prometheus judges sixty times as fast as usual.

let receiver: AlertReceiver
let [one, other]: Member[] = []

beforeAll(async () => {
  receiver = await AlertReceiver.open()
  ;[one, other] = await Promise.all([newMember(), newMember()])
})
afterAll(() => receiver?.close())

const patience = { timeout: 240_000 }

test('a sidecar that hangs, events that nobody takes any more, and poison events', patience, async () => {
  // Prometheus needs seconds for each, and they have nothing to do with each other.
  await Promise.all([hangingIsTold(), poisonIsTold()])
})

async function hangingIsTold(): Promise<void> {
  const thaw = await freeze('stats.sidecar')
  await one?.api.relations.follow({ id: other?.user.id as number })
  const down = await receiver.told('SidecarDown', 'firing', { app: 'stats' })
  expect(down.annotations).toMatchObject({
    summary: expect.stringContaining('stats'),
    runbook: 'docs/runbooks/SidecarDown.md',
    dashboard: '/d/fanone-dapr',
  })
  await receiver.told('ConsumerStopped', 'firing', { group: 'stats', topic: 'user.followed' })
  thaw()
  await receiver.told('SidecarDown', 'resolved', { app: 'stats' })
  await receiver.told('ConsumerStopped', 'resolved', { group: 'stats' })
}

async function poisonIsTold(): Promise<void> {
  await publishRaw('video.published', [{ type: 'video.published.v99', aggregateId: 1, data: {} }])
  await receiver.told('DeadLetters', 'firing', { topic: 'feed.dead-letters' })
  await receiver.told('DeadLetters', 'resolved', { topic: 'feed.dead-letters' })
}

test('a server that hangs', patience, async () => {
  const thaw = await freeze('kafka')
  await receiver.told('ServerDown', 'firing', { job: 'kafka' })
  thaw()
  await receiver.told('ServerDown', 'resolved', { job: 'kafka' })
})

test('a service that does not come up: its callers stop calling, and the error budget burns', patience, async () => {
  const release = await keepDown('relation')
  const asking = setInterval(() => void one?.api.relations.unfollow({ id: 1 }).catch(() => {}), 50)
  try {
    await receiver.told('ServiceDown', 'firing', { app: 'relation' })
    await receiver.told('BreakerOpen', 'firing', { app: 'gateway', target: 'app_relation' })
    await receiver.told('ErrorBudgetBurnsFast', 'firing')
  } finally {
    clearInterval(asking)
  }
  await release()
  await eventually(async () => (await one?.api.relations.getFlags({ userIds: '1' })) !== undefined, {
    timeoutMs: 60_000,
  })
  for (const name of ['ServiceDown', 'BreakerOpen', 'ErrorBudgetBurnsFast']) await receiver.told(name, 'resolved')
})
