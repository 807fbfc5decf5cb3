import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { apiUrl, eventually, root } from '../support/stack.ts'
import { newTrace, readTraces, type Span, senderOf } from '../support/traces.ts'

/**
 * The page between whose markers the table stands; `npx vitest run --project exclusive <this file>
 * --update` writes it anew.
 */
const page = join(root, 'docs/call-costs.md')
/** Counters are remembered for a second; who comes later asks for them. */
const REMEMBERED_MS = 1_000

interface Request {
  /** As the route is documented. */
  route: string
  path: string
  body?: object
  isAnonymous?: boolean
}

let member: Member
let requests: Request[]

beforeAll(async () => {
  const author = await newMember('author')
  member = await newMember('viewer')
  const video = await publish(author)
  const [videoPath, userPath] = [`/v1/videos/${video.id}`, `/v1/users/${author.user.id}`]
  await eventually(
    async () => (await send({ route: '', path: '/v1/feeds/newest' }).then(({ status }) => status)) === 200,
  )
  const comment = (await (
    await send({ route: '', path: `${videoPath}/comments`, body: { text: 'first' } })
  ).json()) as {
    id: number
  }
  await send({ route: '', path: `PUT /v1/users/me/following/${author.user.id}` })
  requests = [
    { route: 'GET /v1/feeds/newest', path: '/v1/feeds/newest' },
    { route: 'GET /v1/feeds/popular', path: '/v1/feeds/popular?period=day' },
    { route: 'GET /v1/feeds/following', path: '/v1/feeds/following' },
    { route: 'GET /v1/videos/{id}', path: videoPath },
    { route: 'GET /v1/videos/{id}, anonymous', path: videoPath, isAnonymous: true },
    { route: 'GET /v1/videos/search', path: '/v1/videos/search?keywords=a' },
    { route: 'GET /v1/users/{id}', path: userPath },
    { route: 'GET /v1/users/{id}/videos', path: `${userPath}/videos` },
    { route: 'GET /v1/videos/{id}/comments', path: `${videoPath}/comments` },
    { route: 'GET /v1/comments/{id}/replies', path: `/v1/comments/${comment.id}/replies` },
    { route: 'PUT /v1/videos/{id}/like', path: `PUT ${videoPath}/like` },
    { route: 'DELETE /v1/videos/{id}/like', path: `DELETE ${videoPath}/like` },
    { route: 'POST /v1/videos/{id}/comments', path: `${videoPath}/comments`, body: { text: 'second' } },
    { route: 'POST /v1/videos/{id}/visits', path: `POST ${videoPath}/visits` },
    { route: 'PUT /v1/users/me/following/{id}', path: `PUT /v1/users/me/following/${author.user.id}` },
    { route: 'GET /v1/users/{id}/followers', path: `${userPath}/followers` },
    { route: 'GET /video/feed/', path: '/video/feed/' },
    { route: 'GET /video/popular', path: '/video/popular' },
    { route: 'GET /douyin/feed/', path: `/douyin/feed/?token=${member.tokens.accessToken}` },
  ]
})

test('the page of call costs says what each request costs, and a page of a feed costs three calls at most', async () => {
  const traces = []
  for (const request of requests) traces.push({ request, traceId: await traceOf(request) })
  const spans = await readTraces(
    traces.map(({ traceId }) => traceId),
    isWhole,
  )
  const rows = traces.map(({ request, traceId }) => {
    const calls = callsOf(spans.get(traceId) ?? [])
    expect(spans.get(traceId)?.some(isRequest), `${request.route} was traced`).toBe(true)
    if (request.route.includes('/v1/feeds'))
      expect(calls.length, `${request.route}: ${calls.join(', ')}`).toBeLessThanOrEqual(3)
    return `| \`${request.route}\` | ${calls.length} | ${calls.map((call) => `\`${call}\``).join(', ')} |`
  })
  await expect(pageOf(rows)).toMatchFileSnapshot(page)
})

/**
 * Sends a request twice, so that what is learnt and kept for the next time is not counted.
 *
 * @returns the trace of the second
 */
async function traceOf(request: Request): Promise<string> {
  while (true) {
    const startedAt = performance.now()
    await send(request)
    const trace = newTrace()
    const { status } = await send(request, trace.traceparent)
    expect(status, request.route).toBeLessThan(300)
    if (performance.now() - startedAt < REMEMBERED_MS) return trace.traceId
  }
}

const pageOf = (rows: string[]) => `# What requests cost in calls

Each call crosses two sidecars. Counted in the traces of one request each, with a token unless it says otherwise and asked for a second time within a
second; the test that counts them writes this page (\`tests/telemetry/call-costs.test.ts\`).

| request | calls | to |
| --- | --: | --- |
${rows.join('\n')}
`

/** Calls of one service to another, as \`feed timelines.newest\`, sorted. */
function callsOf(spans: Span[]): string[] {
  return spans.filter(isCall).map(calleeOf).toSorted()
}

const calleeOf = (span: Span) =>
  invokePath
    .exec(span.tags?.['url.path'] ?? '')
    ?.slice(1)
    .join(' ') ?? ''
const invokePath = /^\/v1\.0\/invoke\/([^/]+)\/method\/internal\/(.+)$/
const isCall = (span: Span) => span.kind === 'CLIENT' && invokePath.test(span.tags?.['url.path'] ?? '')
const isRequest = (span: Span) => span.kind === 'SERVER' && senderOf(span) === 'gateway'

/** The gateway has told of its request, and every callee of its call. */
function isWhole(spans: Span[]): boolean {
  const answered = new Set(
    spans.filter((span) => span.kind === 'SERVER').map((span) => `${senderOf(span)} ${span.name}`),
  )
  return (
    spans.some(isRequest) &&
    spans.filter(isCall).every((call) => {
      const [app, operation] = calleeOf(call).split(' ')
      return answered.has(`${app} post /internal/${operation?.toLowerCase()}`)
    })
  )
}

/**
 * @param request whose path may begin with a method; without one it is POST where there is a body,
 *   else GET
 */
function send(request: Request, traceparent?: string): Promise<Response> {
  const [path = '', method = request.body ? 'POST' : 'GET'] = request.path.split(' ').toReversed()
  return fetch(apiUrl + path, {
    method,
    headers: {
      ...(request.isAnonymous ? {} : { authorization: `Bearer ${member.tokens.accessToken}` }),
      ...(request.body ? { 'content-type': 'application/json' } : {}),
      ...(traceparent ? { traceparent } : {}),
    },
    ...(request.body ? { body: JSON.stringify(request.body) } : {}),
  })
}
