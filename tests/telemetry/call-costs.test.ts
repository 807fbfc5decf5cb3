import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { newOperator } from '../support/operators.ts'
import { type PublicRoute, publicRoutes } from '../support/public-routes.ts'
import { apiUrl, eventually, root } from '../support/stack.ts'
import { newTrace, readTraces, type Span, senderOf } from '../support/traces.ts'

/**
 * The page between whose markers the table stands; `npx vitest run --project exclusive <this file>
 * --update` writes it anew.
 */
const page = join(root, 'docs/call-costs.md')
/** The gateway remembers what is the same for everybody for a second: so long surely, … */
const REMEMBERED_MS = 900
/** … and after this no more. */
const FORGOTTEN_MS = 1_100
/** As many requests wait together until the gateway has forgotten what each of them shows. */
const CIRCLES = 4
/** The most calls that a page may cost, … */
const MOST_CALLS = 2
/** … and those that cost one more: three owners tell them what must be true at once. */
const DEARER = new Map(
  ['GET /v1/feeds/newest', 'GET /v1/feeds/popular', 'GET /douyin/feed/', 'GET /douyin/publish/list/'].map((route) => [
    route,
    MOST_CALLS + 1,
  ]),
)

/** People and what they made, which nobody of another circle sees but in the feeds of everybody. */
interface Circle {
  operator: Member
  author: Member
  viewer: Member
  video: number
  own: number
  comment: number
  /** The picture that shows the video. */
  cover: Uint8Array
}

interface Request {
  /** Who asks. */
  viewer: Member
  /** As the route is documented, with what is special about this request. */
  route: string
  path: string
  body?: object
  form?: string
  /** A picture to search by, and the field for it. */
  picture?: { field: string; bytes: Uint8Array }
  isAnonymous?: boolean
  /** What the answer has to tell of, so that no empty page is counted. */
  shows?: string
}

let reads: Request[]
let writes: Request[]

beforeAll(async () => {
  const operator = await newOperator()
  const circles = await Promise.all(Array.from({ length: CIRCLES }, () => newCircle(operator)))
  const requests = circles.map(requestsFor)
  // Each route once, of the circles in turn.
  reads = (requests[0] ?? []).map((request, index) => requests[index % CIRCLES]?.[index] ?? request)
  writes = writesFor(circles[0] as Circle)
  // Timelines and rankings have heard of all that.
  for (const request of reads.filter(isForAll))
    await eventually(async () => (await (await send(request)).text()).includes(request.shows ?? ''), {
      // Until pictures are searched.
      timeoutMs: 100_000,
    })
})

async function newCircle(operator: Member): Promise<Circle> {
  const [author, viewer] = await Promise.all([newMember('author'), newMember('viewer')])
  const [video, own] = await Promise.all([publish(author), publish(viewer)])
  const comment = await author.api.comments.create({ id: video.id, text: 'a first comment' })
  await author.api.comments.reply({ id: comment.id, text: 'a first reply' })
  await viewer.api.likes.video.put({ id: video.id })
  await viewer.api.relations.follow({ id: author.user.id })
  await author.api.relations.follow({ id: viewer.user.id })
  await viewer.api.visits.record({ id: video.id })
  const cover = new Uint8Array(await (await fetch(video.coverUrl)).arrayBuffer())
  return { operator, author, viewer, video: video.id, own: own.id, comment: comment.id, cover }
}

function writesFor({ author, viewer, video }: Circle): Request[] {
  const [videoPath, name] = [`/v1/videos/${video}`, 'POST /v1/videos/{id}']
  return [
    { viewer, route: 'PUT /v1/videos/{id}/like', path: `PUT ${videoPath}/like` },
    { viewer, route: 'DELETE /v1/videos/{id}/like', path: `DELETE ${videoPath}/like` },
    { viewer, route: `${name}/comments`, path: `${videoPath}/comments`, body: { text: 'another comment' } },
    { viewer, route: `${name}/visits`, path: `POST ${videoPath}/visits` },
    { viewer, route: 'PUT /v1/users/me/following/{id}', path: `PUT /v1/users/me/following/${author.user.id}` },
  ]
}

/** One request of every route that reads, of some in several ways. */
function requestsFor(ids: Circle): Request[] {
  const { id: author, username } = ids.author.user
  const { id: viewer, username: viewerName } = ids.viewer.user
  const [title, ownTitle] = [String(ids.video), String(ids.own)]
  const paged = 'page_num=0&page_size=20'
  const token = `token=${ids.viewer.tokens.accessToken}`
  const get = (route: string, path: string, shows: string, note = ''): Request => ({
    viewer: ids.viewer,
    route: `GET ${route}${note}`,
    path,
    shows,
  })
  const of = (route: string, id: number, shows: string, note = '') =>
    get(route, route.replace('{id}', String(id)), shows, note)
  const anonymous = (request: Request): Request => ({
    ...request,
    route: `${request.route}, anonymous`,
    isAnonymous: true,
  })
  const byPicture = (path: string, field: string, shows: string): Request => ({
    ...{ viewer: ids.viewer, route: `POST ${path}`, path, shows },
    picture: { field, bytes: ids.cover },
  })
  const byOperator = (request: Request): Request => ({ ...request, viewer: ids.operator })
  return [
    get('/v1/feeds/newest', '/v1/feeds/newest', title),
    get('/v1/feeds/popular', '/v1/feeds/popular?period=all&limit=100', title),
    get('/v1/feeds/following', '/v1/feeds/following', title),
    of('/v1/videos/{id}', ids.video, title),
    anonymous(of('/v1/videos/{id}', ids.video, title)),
    of('/v1/videos/{id}/similar', ids.video, 'score'),
    byPicture('/v1/images/search', 'file', 'score'),
    byPicture('/user/image/search', 'data', 'http'),
    of('/v1/videos/{id}/events', ids.own, 'ready'),
    get('/v1/videos/search', `/v1/videos/search?authorName=${username}`, title),
    get('/v1/users', `/v1/users?ids=${author},${viewer}`, username),
    get('/v1/users/me', '/v1/users/me', viewerName),
    of('/v1/users/{id}', author, username),
    of('/v1/users/{id}/videos', author, title),
    of('/v1/users/{id}/likes', viewer, title),
    get('/v1/likes', `/v1/likes?videoIds=${ids.video}&commentIds=${ids.comment}`, title),
    of('/v1/videos/{id}/comments', ids.video, username),
    anonymous(of('/v1/videos/{id}/comments', ids.video, username)),
    of('/v1/comments/{id}/replies', ids.comment, username),
    of('/v1/users/{id}/following', viewer, username),
    of('/v1/users/{id}/followers', viewer, username),
    get('/v1/users/me/friends', '/v1/users/me/friends', username),
    get('/v1/follows', `/v1/follows?userIds=${author}`, String(author)),
    get('/.well-known/jwks.json', '/.well-known/jwks.json', 'keys'),
    get('/v1/sessions', '/v1/sessions', 'isCurrent'),
    get('/v1/users/me/security-events', '/v1/users/me/security-events', 'signed_up'),
    get('/v1/users/me/phone', '/v1/users/me/phone', 'hasPassword'),
    get('/v1/users/me/passkeys', '/v1/users/me/passkeys', 'items'),
    get('/v1/users/me/totp', '/v1/users/me/totp', 'isBound'),
    byOperator(get('/v1/ops/users', `/v1/ops/users?username=${username}`, username)),
    byOperator(of('/v1/ops/users/{id}', author, username)),
    byOperator(get('/v1/ops/reports', '/v1/ops/reports', 'items')),
    byOperator(get('/v1/ops/audit', '/v1/ops/audit', 'items')),
    byOperator(get('/v1/ops/panels', '/v1/ops/panels', 'overview')),
    get('/auth/mfa/qrcode', '/auth/mfa/qrcode', 'qrcode'),
    get('/user/info', `/user/info?user_id=${author}`, username),
    get('/video/feed/', '/video/feed/', title),
    get('/video/popular', '/video/popular?page_num=0&page_size=100', title),
    get('/video/list', `/video/list?user_id=${author}&${paged}`, title),
    {
      viewer: ids.viewer,
      route: 'POST /video/search',
      path: '/video/search',
      form: `keywords=&username=${username}&${paged}`,
      shows: title,
    },
    get('/like/list', `/like/list?user_id=${viewer}&${paged}`, title),
    get('/comment/list', `/comment/list?video_id=${ids.video}&${paged}`, 'a first comment'),
    get('/comment/list', `/comment/list?comment_id=${ids.comment}&${paged}`, 'a first reply', ', replies'),
    get('/following/list', `/following/list?user_id=${viewer}&${paged}`, username),
    get('/follower/list', `/follower/list?user_id=${viewer}&${paged}`, username),
    get('/friends/list', `/friends/list?${paged}`, username),
    get('/douyin/feed/', `/douyin/feed/?${token}`, title),
    anonymous(get('/douyin/feed/', '/douyin/feed/', title)),
    get('/douyin/user/', `/douyin/user/?${token}&user_id=${author}`, username),
    get('/douyin/publish/list/', `/douyin/publish/list/?${token}&user_id=${author}`, title),
    get('/douyin/publish/list/', `/douyin/publish/list/?${token}&user_id=${viewer}`, ownTitle, ", one's own"),
    get('/douyin/favorite/list/', `/douyin/favorite/list/?${token}&user_id=${viewer}`, title),
    get('/douyin/comment/list/', `/douyin/comment/list/?${token}&video_id=${ids.video}`, 'a first comment'),
    get('/douyin/relation/follow/list/', `/douyin/relation/follow/list/?${token}&user_id=${viewer}`, username),
    get('/douyin/relation/follower/list/', `/douyin/relation/follower/list/?${token}&user_id=${viewer}`, username),
    get('/douyin/relation/friend/list/', `/douyin/relation/friend/list/?${token}&user_id=${viewer}`, username),
  ]
}

test('every route that reads is counted', () => {
  const isReading = ({ method, path }: PublicRoute) => method === 'GET' || path.endsWith('/search')
  // Prometheus answers those, and no service.
  const reading = publicRoutes.filter((route) => isReading(route) && !route.isWatched)
  expect(reading.length).toBeGreaterThan(30)
  const counted = new Set(reads.map(({ route }) => route.replace(/,.*/, '')))
  expect(reading.map(({ method, path }) => `${method} ${path}`).filter((route) => !counted.has(route))).toEqual([])
})

test(`the page of call costs says what each request costs, and a page no more than ${MOST_CALLS} calls`, {
  // The gateway forgets some forty times.
  timeout: 300_000,
}, async () => {
  const traces: (Traced & { request: Request; isRead: boolean })[] = []
  for (const group of [...groupsOf(reads), writes])
    for (const [index, traced] of (await tracesOf(group)).entries())
      traces.push({ request: group[index] as Request, isRead: group !== writes, ...traced })
  const ids = traces.flatMap(({ first, again }) => [first, again])
  const spans = await readTraces(ids, isWhole)
  const tooDear: string[] = []
  const rows = traces.map(({ request: { route }, isRead, first, again }) => {
    const calls = callsIn(again)
    const before = isRead ? callsIn(first) : undefined
    if (before && calls.length > (DEARER.get(route) ?? MOST_CALLS)) tooDear.push(`${route}: ${calls.join(', ')}`)
    const others = before?.filter((call) => !calls.includes(call)) ?? []
    return `| \`${route}\` | ${calls.length} | ${named(calls)} | ${others.length === 0 ? '' : `${before?.length}: also ${named(others)}`} |`
  })
  expect(tooDear).toEqual([])
  await expect(pageOf(rows)).toMatchFileSnapshot(page)

  function callsIn(traceId: string): string[] {
    const found = spans.get(traceId) ?? []
    expect(found.some(isRequest), 'the request was traced').toBe(true)
    return callsOf(found)
  }
})

const named = (calls: string[]) => calls.map((call) => `\`${call}\``).join(', ')

/** What shows every circle's videos goes alone; of the others one of each circle goes together. */
function groupsOf(requests: readonly Request[]): Request[][] {
  const groups: Request[][] = []
  let isOpen = false
  for (const request of requests) {
    const last = groups.at(-1)
    if (isOpen && !isForAll(request) && last && last.length < CIRCLES) last.push(request)
    else groups.push([request])
    isOpen = !isForAll(request)
  }
  return groups
}

const isForAll = ({ path }: Request) => /feed|popular|similar|image/.test(path)

/** Traces of one request: when the gateway has forgotten what it shows, and right after that. */
interface Traced {
  first: string
  again: string
}

/** Traces requests, those that read of circles that do not know each other, in their order. */
async function tracesOf(requests: readonly Request[]): Promise<Traced[]> {
  // What a service learns for good is no part of a page's costs.
  for (const request of requests) await send(request)
  await delay(FORGOTTEN_MS)
  const traces: Traced[] = []
  for (const request of requests) traces.push((await tracePair(request)) ?? (await tracePairLater(request)))
  return traces
}

/** @returns undefined where the gateway may have forgotten between the two requests */
async function tracePair(request: Request): Promise<Traced | undefined> {
  const startedAt = performance.now()
  const first = await sendTraced(request)
  const again = await sendTraced(request)
  return performance.now() - startedAt < REMEMBERED_MS ? { first, again } : undefined
}

/** Where the machine is too busy for two requests within a second, the next ones may make it. */
async function tracePairLater(request: Request): Promise<Traced> {
  return eventually(
    async () => {
      await delay(FORGOTTEN_MS)
      return tracePair(request)
    },
    { timeoutMs: 60_000, what: `two requests of ${request.route} within ${REMEMBERED_MS} ms` },
  )
}

/** @returns the id of its trace */
async function sendTraced(request: Request): Promise<string> {
  const { traceId, traceparent } = newTrace()
  await expectAnswer(request, await send(request, traceparent))
  return traceId
}

async function expectAnswer({ route, shows = '' }: Request, response: Response): Promise<void> {
  expect(response.status, route).toBeLessThan(300)
  expect(await response.text(), route).toContain(shows)
}

const pageOf = (rows: string[]) => `# What requests cost in calls

Each call crosses two sidecars. Counted in the traces of one request each, with a token unless it says otherwise; the test that counts them fails when a
page costs more than two, and writes this page (\`tests/telemetry/call-costs.test.ts\`). Three on four routes that show with what is newest what their reader
likes and whom they follow, all of it true at once, so that three owners are asked; a page of the feed that is being fetched is shared by all who want it.

What is the same for everybody the gateway remembers for a second, so that pages share it: counters, and, on the Douyin API, the videos of liked lists and
authors ([caching](caching.md)). The last column is what the first page after that costs.

| request | calls | to | first |
| --- | --: | --- | --- |
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
  const { form, isAnonymous, picture, viewer } = request
  const body = picture ? pictureForm(picture) : (form ?? (request.body && JSON.stringify(request.body)))
  const [path = '', method = body === undefined ? 'GET' : 'POST'] = request.path.split(' ').toReversed()
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  return fetch(apiUrl + path, {
    method,
    headers: {
      ...(isAnonymous ? {} : { authorization: `Bearer ${viewer.tokens.accessToken}` }),
      ...(body === undefined || picture ? {} : { 'content-type': type }),
      ...(traceparent ? { traceparent } : {}),
    },
    ...(body === undefined ? {} : { body }),
  })
}

function pictureForm({ field, bytes }: { field: string; bytes: Uint8Array }): FormData {
  const form = new FormData()
  form.append(field, new File([Uint8Array.from(bytes)], 'picture'))
  return form
}
