import { openAsBlob } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type TokenPair, videoPublished } from '@fanone/contracts'
import type { V1Video } from '@fanone/contracts/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { clipFile, type Member, newMember, randomName } from '../support/community.ts'
import { publishRaw } from '../support/faults.ts'
import { apiUrl, cli, eventually, part, secrets } from '../support/stack.ts'
import { edgesOf, newTrace, readTrace, type Span, senderOf } from '../support/traces.ts'

let member: Member

beforeAll(async () => {
  member = await newMember()
})

describe('one publication is one trace', () => {
  const title = randomName('traced-title')
  const edges = [
    'gateway -> gateway.sidecar',
    'gateway.sidecar -> video.sidecar',
    'video.sidecar -> video',
    'video -> feed.sidecar',
    'feed.sidecar -> feed',
  ]
  let parentId: string | undefined
  let video: V1Video
  let spans: Span[]

  beforeAll(async () => {
    const { traceId, traceparent } = newTrace()
    parentId = traceparent.split('-')[2]
    const form = new FormData()
    form.set('title', title)
    form.set('description', `description of ${title}`)
    form.set('file', await openAsBlob(await clipFile(), { type: 'video/mp4' }), 'clip.mp4')
    const response = await fetch(`${apiUrl}/v1/videos`, { method: 'POST', headers: headers(traceparent), body: form })
    expect(response.status).toBe(201)
    video = (await response.json()) as V1Video
    spans = await readTrace(traceId, (all) => edges.every((edge) => edgesOf(all).has(edge)))
  })

  test.for(edges)('with a step %s', (edge) => {
    expect(edgesOf(spans)).toContain(edge)
  })

  test('that begins at the gateway, as the child of what the client sent', () => {
    const first = server('gateway', 'post /v1/videos')
    expect(first.parentId).toBe(parentId)
    expect(first.tags).toMatchObject({ 'http.response.status_code': '201' })
  })

  test('into MySQL: the video and its event in one transaction', () => {
    const publishing = server('video', 'post /internal/videos.publish')
    const statements = children(publishing).filter((span) => span.tags?.['db.system.name'] === 'mysql')
    const texts = statements.map((span) => span.tags?.['db.query.text'])
    expect(texts).toContainEqual(expect.stringMatching(/^insert into `video`/))
    expect(texts).toContainEqual(expect.stringMatching(/^insert into `outbox`/))
    expect(texts).toContain('commit')
  })

  test('from the handler of the feed into Redis', () => {
    const handling = server('feed', 'post /events/video.published')
    const commands = children(handling).filter((span) => span.tags?.['db.system.name'] === 'redis')
    expect(commands.length).toBeGreaterThan(0)
  })

  test('what people wrote and what proves who they are is in no span', async () => {
    const text = JSON.stringify(spans)
    for (const hidden of [title, member.password, member.tokens.accessToken, member.tokens.refreshToken])
      expect(text).not.toContain(hidden)
    // Ids are parameters of the statements as well.
    expect(text).not.toContain(String(video.id))
    for (const [name, secret] of Object.entries(await secrets())) expect(text.includes(secret), name).toBe(false)
  })

  const server = (sender: string, name: string): Span => {
    const found = spans.find((span) => senderOf(span) === sender && span.kind === 'SERVER' && span.name === name)
    expect(found, `${name} of ${sender}`).toBeDefined()
    return found as Span
  }
  const children = (parent: Span) => spans.filter((span) => span.parentId === parent.id)
})

test('registering and logging in, also with parameters in the address, leave no password or token in any span', async () => {
  const { traceId, traceparent } = newTrace()
  const credentials = { username: randomName(), password: randomName('password') }
  const query = new URLSearchParams(credentials)
  const json = { method: 'POST', headers: { traceparent, 'content-type': 'application/json' } }
  const post = { method: 'POST', headers: { traceparent } }
  const registering = await fetch(`${apiUrl}/douyin/user/register/?${query}`, post)
  const registered = (await registering.json()) as { user_id: number; token: string }
  const signingIn = await fetch(`${apiUrl}/v1/sessions`, { ...json, body: JSON.stringify(credentials) })
  const signedIn = (await signingIn.json()) as { tokens: TokenPair }
  const me = new URLSearchParams({ user_id: String(registered.user_id), token: registered.token })
  expect((await fetch(`${apiUrl}/douyin/user/?${me}`, { headers: { traceparent } })).status).toBe(200)
  const { accessToken, refreshToken } = signedIn.tokens
  const refreshed = await fetch(`${apiUrl}/v1/sessions/refresh`, { ...json, body: JSON.stringify({ refreshToken }) })
  expect(refreshed.status).toBe(200)

  const paths = ['/douyin/user/register/', '/v1/sessions', '/douyin/user/', '/v1/sessions/refresh']
  const spans = await readTrace(traceId, (all) =>
    paths.every((path) => all.some((span) => senderOf(span) === 'gateway' && span.tags?.['url.path'] === path)),
  )
  expect(spans.some((span) => span.tags?.['db.query.text']?.startsWith('insert into `account`'))).toBe(true)
  const text = JSON.stringify(spans)
  expect(text).not.toContain('$argon2')
  for (const hidden of [credentials.password, registered.token, accessToken, refreshToken])
    expect(text).not.toContain(hidden)
})

describe('a trace id leads to the log', () => {
  test('an error tells the trace of its request', async () => {
    const { traceId, traceparent } = newTrace()
    const response = await fetch(`${apiUrl}/v1/videos/1`, { headers: headers(traceparent) })
    expect(await response.json()).toMatchObject({ code: 'video_not_found', traceId })
  })

  test('what a service logs while it handles something carries the trace id', async () => {
    const { traceId, traceparent } = newTrace()
    await publishRaw(videoPublished.topic, [{ type: 'video.published.v99', aggregateId: 1, data: {}, traceparent }])
    const { log } = await part('feed')
    const line = await eventually(async () =>
      (await readFile(log, 'utf8')).split('\n').find((text) => text.includes(traceId)),
    )
    expect(JSON.parse(line)).toMatchObject({ app: 'feed', level: 'error', traceId, topic: 'video.published' })

    const { all, exitCode } = await cli('logs', '--trace', traceId)
    expect(exitCode, all).toBe(0)
    expect(all).toMatch(
      / {2}feed {2}error {2}an event cannot be handled; sent to the dead letters {2}\{.*video\.published/,
    )
  })
})

describe('npm run trace', () => {
  test('draws the trace that an error names: who was asked, one below the other', async () => {
    const { traceId, traceparent } = newTrace()
    await fetch(`${apiUrl}/v1/videos/1`, { headers: headers(traceparent) })
    // Each part tells Zipkin of its own spans, some hundred milliseconds apart.
    await readTrace(traceId, (spans) => {
      const isAnswered = spans.some((span) => senderOf(span) === 'gateway' && span.kind === 'SERVER')
      return isAnswered && ['video.sidecar', 'video'].every((sender) => spans.some((span) => senderOf(span) === sender))
    })
    const { all, exitCode } = await cli('trace', traceId)
    expect(exitCode, all).toBe(0)
    expect(all).toMatch(/ gateway +get \/v1\/videos\/1 {2}404/)
    expect(all).toMatch(/ +(├|└) video\.sidecar/)
  })

  test('says why a trace is not there', async () => {
    const { all, exitCode } = await cli('trace', newTrace().traceId)
    expect(exitCode).toBe(1)
    expect(all).toContain('was not sampled')
  })
})

const headers = (traceparent: string) => ({ authorization: `Bearer ${member.tokens.accessToken}`, traceparent })

test('npm run log-level changes what all instances log, until it is changed back', async () => {
  const { log } = await part('relation')
  const refused = async () => {
    const { traceId, traceparent } = newTrace()
    await fetch(`${apiUrl}/v1/users/me/following/${member.user.id}`, { method: 'PUT', headers: headers(traceparent) })
    return (await readFile(log, 'utf8')).includes(traceId)
  }
  expect(await refused()).toBe(false)
  expect((await cli('log-level', 'debug', 'relation')).all).toContain('relation logs debug')
  await eventually(refused)
  expect((await cli('log-level', 'info')).all).toContain('gateway logs info')
  await eventually(async () => !(await refused()))
})
