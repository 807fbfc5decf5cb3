import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { keepDown, sidecarMetrics } from '../support/faults.ts'
import { eventually, healthy, sumMetric } from '../support/stack.ts'
import { publishedBy } from '../support/uploads.ts'

const gatewaySidecarMetricsPort = 7600

let member: Member
beforeAll(async () => {
  member = await newMember('patient')
})
afterAll(() => healthy())

test('an upload that arrives while video is away is published when it is back, although the breaker has opened', {
  timeout: 120_000,
}, async () => {
  const letVideoComeBack = await keepDown('video')
  const publication = publish(member)
  // Its outcome is looked at below; until then a refusal is nobody's.
  publication.catch(() => undefined)
  await eventually(async () => (await isBreakerOpen()) === true, { what: 'the breaker opens' })
  await letVideoComeBack()
  const { id } = await publication
  expect(await publishedBy(member)).toEqual([id])
})

/** Whether the gateway's sidecar lets no call through to video. */
async function isBreakerOpen(): Promise<boolean> {
  const text = await sidecarMetrics(gatewaySidecarMetricsPort)
  return sumMetric(text, 'dapr_resiliency_cb_state', { target: 'app_video', status: 'open' }) > 0
}
