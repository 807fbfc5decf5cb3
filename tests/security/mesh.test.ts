import { userContract } from '@fanone/contracts'
import { beforeAll, describe, expect, test } from 'vitest'
import { api, type Member, newMember } from '../support/community.ts'
import { keepDown } from '../support/faults.ts'
import { invokeAs, type SidecarAddress, sendTo, sidecarOf } from '../support/sidecars.ts'
import { cli, eventually, healthy, metrics, part, sumMetric } from '../support/stack.ts'

// Who may call whom: docs/security.md. The lists are in dapr/access.

let member: Member
let gateway: SidecarAddress
let feed: SidecarAddress
let user: SidecarAddress

beforeAll(async () => {
  member = await newMember()
  ;[gateway, feed, user] = await Promise.all([sidecarOf('gateway'), sidecarOf('feed'), sidecarOf('user')])
  await callsWork()
})

/**
 * Services that were just started are called once their sidecars have seen them well; the calls
 * here are not repeated by Dapr.
 */
async function callsWork(): Promise<void> {
  await eventually(async () => (await invokeAs(feed, 'video', 'videos.walk', { afterId: 0, limit: 1 })).status === 200)
  await eventually(async () => (await api().feeds.newest({ limit: 1 })).items.length <= 1)
}

const credentials = () => ({ username: member.user.username, password: member.password })

describe('a call that no access list names', () => {
  test('answers 403, is counted for the caller, and does not reach the service', async () => {
    const before = { refused: await refusedBy(user, 'feed'), arrived: await arrivedLogIns() }
    const answer = await invokeAs(feed, 'user', 'sessions.logIn', credentials())
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('spiffe://public/ns/default/feed') })
    await eventually(async () => (await refusedBy(user, 'feed')) > before.refused)
    expect(await arrivedLogIns()).toBe(before.arrived)
  })

  test('works for who may', async () => {
    const arrived = await arrivedLogIns()
    const answer = await invokeAs(gateway, 'user', 'sessions.logIn', credentials())
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('accessToken') })
    await eventually(async () => (await arrivedLogIns()) > arrived)
  })

  test('is refused to the gateway too', async () => {
    expect((await invokeAs(gateway, 'video', 'videos.walk', { afterId: 0, limit: 1 })).status).toBe(403)
    expect((await invokeAs(feed, 'video', 'videos.walk', { afterId: 0, limit: 1 })).status).toBe(200)
  })

  test('is refused where nobody may call anything', async () => {
    const before = await refusedBy(gateway, 'feed')
    expect((await invokeAs(feed, 'gateway', 'videos.list')).status).toBe(403)
    await eventually(async () => (await refusedBy(gateway, 'feed')) > before)
  })

  test('is refused by its header form, and with every other method', async () => {
    const byHeader = { path: '/internal/sessions.refresh', headers: { 'dapr-app-id': 'user' }, json: credentials() }
    expect((await sendTo(feed.port, { ...byHeader, token: feed.token })).status).toBe(403)
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const path = '/v1.0/invoke/user/method/internal/profiles.getMany'
      expect((await sendTo(feed.port, { path, method, token: feed.token })).status, method).toBe(403)
    }
  })
})

describe('a way around the access list', () => {
  // From what feed may call to what it may not, and what it may not in other spellings.
  test.for([
    '/internal/profiles.getMany/../sessions.logIn',
    '/internal/./sessions.logIn',
    '/internal/x/../sessions.logIn',
    '/internal/profiles.getMany/%2e%2e/sessions.logIn',
    '/internal/profiles.getMany%2f..%2fsessions.logIn',
    '/internal/profiles.getMany/%252e%252e/sessions.logIn',
    '/internal/profiles.getMany\\..\\sessions.logIn',
    '/internal/profiles.getMany/..%5csessions.logIn',
    '/internal/profiles.getMany;/../sessions.logIn',
    '/internal/profiles.getMany?/../sessions.logIn',
    '/internal/profiles.getMany%3f/../sessions.logIn',
    '/internal/profiles.getMany%23/../sessions.logIn',
    '/internal/profiles.getMany%00/../sessions.logIn',
    '/../internal/sessions.logIn',
    '/x/../../user/method/internal/sessions.logIn',
    '//internal/sessions.logIn',
    '/internal//sessions.logIn',
    '/internal/sessions.logIn/',
    '/internal/sessions.logIn?',
    '/internal/sessions.logIn?a=b',
    '/internal/sessions.logIn%3fa=b',
    '/internal/sessions.logIn%20',
    '/internal/sessions.logIn%00',
    '/internal/sessions%2elogIn',
    '/%69nternal/sessions.logIn',
    '/internal/SESSIONS.LOGIN',
    '/INTERNAL/sessions.logIn',
    '/internal/sessions.login',
    '/internal/*',
    '/internal/profiles.*',
  ])('is not %s', async (path) => {
    const before = await arrivedLogIns()
    const method = `/v1.0/invoke/user/method${path}`
    const { status, text } = await sendTo(feed.port, { path: method, token: feed.token, json: credentials() })
    expect(text).not.toContain('accessToken')
    expect(await arrivedLogIns()).toBe(before)
    // Refused by a sidecar or unknown to the service; or it says an operation that feed may call,
    // which does not understand it.
    if (text.includes('invalid method')) return
    if (path.startsWith('/internal/profiles.getMany?')) expect(text).toContain('invalid_input')
    else expect(status, text).toBeOneOf([400, 403, 404])
  })
})

test('without Sentry running calls go on, and a sidecar joins again when it is back', async () => {
  await callsWork()
  const release = await keepDown('sentry')
  const { pid } = await part('feed.sidecar')
  for (let round = 0; round < 20; round++) {
    expect((await invokeAs(gateway, 'user', 'keys.list')).status).toBe(200)
    expect((await api().feeds.newest({ limit: 1 })).items.length).toBeLessThanOrEqual(1)
  }
  expect((await part('sentry')).state).not.toBe('healthy')
  await release()
  await healthy('sentry')
  expect((await cli('restart', 'feed.sidecar')).exitCode).toBe(0)
  await healthy('feed.sidecar', { not: pid as number })
  await callsWork()
  await eventually(async () => (await invokeAs(gateway, 'feed', 'timelines.newest', { limit: 1 })).status === 200)
}, 240_000)

/** How many calls of a service a sidecar has refused. */
async function refusedBy({ metricsPort }: SidecarAddress, caller: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const names = ['app', 'global'].map((policy) => `dapr_runtime_acl_${policy}_policy_action_blocked_total`)
  return names.reduce((sum, name) => sum + sumMetric(text, name, { app_id: caller }), 0)
}

/** How many log-ins the user service has seen, whatever became of them. */
async function arrivedLogIns(): Promise<number> {
  const { path } = userContract.sessions.logIn['~orpc'].route
  return sumMetric(await metrics(7110), 'fanone_http_request_duration_seconds_count', { route: path ?? '' })
}
