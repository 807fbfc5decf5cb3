import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCanary } from '../support/canary.ts'
import { api, type Member, newMember, newSession, pairOf, publish } from '../support/community.ts'
import { fragmentOf, type GoodValues, goodParameters, hostileDrafts } from '../support/hostile/drafts.ts'
import { percentEncode } from '../support/hostile/fragments.ts'
import { goodValuesFor } from '../support/hostile/good-values.ts'
import { documentedStatuses, faultsOf } from '../support/hostile/judge.ts'
import { representatives } from '../support/hostile/representatives.ts'
import { shareOf } from '../support/hostile/share.ts'
import { type Draft, type Parameter, type Role, sendDraft } from '../support/hostile/wire.ts'
import { newOperator } from '../support/operators.ts'
import { type PublicRoute, publicRoutes } from '../support/public-routes.ts'
import { announceSeed, isFull, sampled } from '../support/sampling.ts'

announceSeed('generated requests')
const tried = representatives(publicRoutes)

let owner: Member
let roles: Role[]
let operator: Role
let goodFor: (route: PublicRoute) => GoodValues
let documented: Map<string, Set<number>>
let canary: Awaited<ReturnType<typeof startCanary>>

beforeAll(async () => {
  owner = await newMember('owner')
  const video = await publish(owner)
  const other = await newMember('other')
  roles = [
    { name: 'nobody', member: undefined },
    { name: 'another user', member: other },
    { name: 'the owner', member: owner },
  ]
  operator = { name: 'an operator', member: await newOperator() }
  documented = await documentedStatuses()
  canary = await startCanary()
  const comment = await owner.api.comments.create({ id: video.id, text: 'a comment' })
  const sessionId = await newSession(owner)
  const subjects = { userId: owner.user.id, videoId: video.id, commentId: comment.id, sessionId, passkeyId: 1 }
  goodFor = (route) => goodValuesFor(route, subjects)
})
afterAll(() => canary.stop())

/** Who may do it. */
const allowed = (route: PublicRoute) => (route.access === 'operator' ? operator : (roles.at(-1) as Role))

/** Whoever a route has logged out logs in again. */
async function logInAgain(): Promise<void> {
  for (const { member } of roles) {
    if (!member) continue
    const { user, password } = member as Member
    member.tokens = pairOf((await api().sessions.logIn({ username: user.username, password })).tokens)
  }
}
const endsItsSession = (route: PublicRoute) => route.path === '/v1/sessions/current'

test('every route that the gateway describes gets hostile requests, made from what it declares', () => {
  const generated = publicRoutes.map(({ method, path }) => `${method} ${path.replace(/\/$/, '')}`)
  expect(generated.toSorted()).toEqual([...documented.keys()].toSorted())
  for (const route of publicRoutes) {
    const drafts = hostileDrafts(route, goodFor(route))
    for (const { name } of route.fields) {
      const about = drafts.filter(({ what }) => what.startsWith(`${name}=`))
      expect({ path: route.path, name, isEnough: about.length >= 40 }).toEqual({
        path: route.path,
        name,
        isEnough: true,
      })
    }
  }
})

test.each(tried)(
  '$route.method $route.path refuses hostile input or takes it for what it is, whoever sends it',
  async ({ route, ...parts }) => {
    const faults: string[] = []
    // What is public does not look at who asks.
    const askers = route.access === 'public' && !isFull ? roles.slice(0, 1) : new Set([...roles, allowed(route)])
    const drafts = sampled(hostileDrafts(route, goodFor(route), parts), shareOf(route, { cheap: 1, dear: 4 }))
    for (const role of askers) faults.push(...(await faultsOf(drafts, role, documented)))
    if (endsItsSession(route)) await logInAgain()
    expect(faults.join('\n')).toBe('')
  },
)

test.each(publicRoutes.filter(({ transport }) => transport === 'json'))(
  '$method $path takes objects only',
  async (route) => {
    const role = allowed(route)
    for (const body of ['[]', '[null]', '[{}]', '"{}"', '1']) {
      const parameters = goodParameters(route, goodFor(route)).filter(([name]) => route.path.includes(`{${name}}`))
      const headers = { 'content-type': 'application/json' }
      const { status } = await sendDraft({ what: body, route, parameters, body, headers }, role)
      expect({ body, status }).toEqual({ body, status: 400 })
    }
  },
)

test.each(tried)('$route.method $route.path fetches nothing, whatever addresses a request names', async (one) => {
  const { route, fields, isWhole } = one
  const { host } = new URL(canary.url)
  const parameters = goodParameters(route, goodFor(route))
  const urls = [canary.url, `//${host}/x`, `http://user@${host}/`, `${canary.url.replace('127.0.0.1', '2130706433')}`]
  const inFields = fields.flatMap((field) =>
    urls.map((url): Draft => {
      const others = parameters.filter(([name]) => name !== field.name)
      return {
        what: `${field.name}=${url}`,
        route,
        parameters: [...others, [field.name, fragmentOf(route, field, url)]],
      }
    }),
  )
  const inHeaders = fetchedHeaders(host, canary.url).map((headers): Draft => {
    return { what: JSON.stringify(headers), route, parameters, headers }
  })
  const more = ['url', 'avatarUrl', 'callback', 'webhook', 'redirect_uri', 'videoUrl', 'coverUrl', 'jku']
  const fragment = route.transport === 'json' ? JSON.stringify(canary.url) : percentEncode(canary.url)
  const inUnknown: Draft = {
    what: 'unknown',
    route,
    parameters: [...parameters, ...more.map((name): Parameter => [name, fragment])],
  }
  const role = allowed(route)
  const drafts = [...inFields, ...(isWhole ? [...inHeaders, inUnknown] : [])]
  expect((await faultsOf(drafts, role, documented)).join('\n')).toBe('')
  if (endsItsSession(route)) await logInAgain()
  expect(canary.hits).toEqual([])
})

const fetchedHeaders = (host: string, url: string): Record<string, string>[] => [
  { host },
  { 'x-forwarded-host': host, 'x-forwarded-proto': 'gopher', 'x-forwarded-server': host },
  { forwarded: `host=${host};proto=http`, 'x-host': host, 'x-original-host': host },
  { referer: url, origin: new URL(url).origin, 'x-wap-profile': url, from: `x@${host}` },
  { 'dapr-callee-app-id': host, 'dapr-http-endpoint': url, 'x-forwarded-for': host, via: `1.1 ${host}` },
]
