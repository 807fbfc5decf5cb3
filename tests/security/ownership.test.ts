import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish, randomName } from '../support/community.ts'
import { ownedRows } from '../support/hostile/database.ts'
import { type GoodValues, goodParameters } from '../support/hostile/drafts.ts'
import { goodValuesFor, type Subjects } from '../support/hostile/good-values.ts'
import { compatCode, isSuccess } from '../support/hostile/judge.ts'
import { type Parameter, type Role, sendDraft } from '../support/hostile/wire.ts'
import type { Answer } from '../support/http.ts'
import { type PublicRoute, publicRoutes } from '../support/public-routes.ts'

let owner: Member
let other: Member
/** Takes part, so that what the other one sees stays the same. */
let guest: Member
let subjects: Subjects
beforeAll(async () => {
  owner = await newMember('owner')
  other = await newMember('other')
  guest = await newMember('guest')
  subjects = await makeSubjects()
})

const isRead = ({ method }: PublicRoute) => method === 'GET'
const hasId = (route: PublicRoute) => route.fields.some(({ name }) => /^(id|.*_id|ids)$/.test(name))

/** What one does in one's own name with what is somebody else's: likes, comments, visits, follows. */
const isTakingPart = ({ method, path }: PublicRoute) =>
  method !== 'GET' &&
  /\/(like|comments|replies|visits|following\/\{id\})$|^\/(like|relation)\/action|^\/comment\/publish|^\/douyin\/(favorite|comment|relation)\/action/.test(
    path,
  )

/** Makes something of the owner that can be changed or deleted. */
async function makeSubjects(): Promise<Subjects> {
  const { id: videoId } = await publish(owner)
  const { id: commentId } = await owner.api.comments.create({ id: videoId, text: 'mine' })
  return { userId: owner.user.id, videoId, commentId }
}

const withTitle = (good: GoodValues): GoodValues => ({ ...good, title: randomName('changed') })
const goodForMissing = (route: PublicRoute) => withTitle(goodValuesFor(route, { userId: 1, videoId: 1, commentId: 1 }))

/** How a route says that something is not one's own, that one must log in, and that there is nothing. */
const refusals = {
  v1: { forbidden: 403, unauthenticated: 401, missing: 404 },
  fanone: { forbidden: 15002, unauthenticated: 10005, missing: 15001 },
  douyin: { forbidden: 15002, unauthenticated: 10005, missing: 15001 },
}
const refusalOf = (route: PublicRoute, answer: Answer) => (route.surface === 'v1' ? answer.status : compatCode(answer))

const asRole = (name: string, member?: Member): Role => ({ name, member })
const withoutTrace = (value: unknown) => ({ ...(value as object), traceId: undefined })

test.each(publicRoutes.filter(isTakingPart))(
  "$method $path is done in one's own name and changes nothing of whom it is about",
  async (route) => {
    const parameters = goodParameters(route, goodValuesFor(route, subjects))
    const draft = { what: 'as it should be', route, parameters }
    const before = await ownedRows(owner.user.id)
    const nobody = await sendDraft(draft, asRole('nobody'))
    if (route.access === 'user') expect(refusalOf(route, nobody)).toBe(refusals[route.surface].unauthenticated)
    const answer = await sendDraft(draft, asRole('a guest', guest))
    expect(answer.text).not.toContain(`"id":${owner.user.id},`)
    expect(isSuccess(route, answer)).toBe(true)
    expect(await ownedRows(owner.user.id)).toEqual(before)
  },
)

test.each(publicRoutes.filter((route) => hasId(route) && !isRead(route) && !isTakingPart(route)))(
  "$method $path changes nothing of somebody else's",
  async (route) => {
    const good = withTitle(goodValuesFor(route, await makeSubjects()))
    const refusal = refusals[route.surface]
    const draft = { what: 'as it should be', route, parameters: goodParameters(route, good) }
    const before = await ownedRows(owner.user.id)
    for (const role of [asRole('nobody'), asRole('another user', other)]) {
      const answer = await sendDraft(draft, role)
      expect(refusalOf(route, answer)).toBe(role.member ? refusal.forbidden : refusal.unauthenticated)
      expect(await ownedRows(owner.user.id)).toEqual(before)
    }
    const missing = { ...draft, parameters: goodParameters(route, goodForMissing(route)) }
    expect(refusalOf(route, await sendDraft(missing, asRole('another user', other)))).toBe(refusal.missing)
    expect(isSuccess(route, await sendDraft(draft, asRole('the owner', owner)))).toBe(true)
    expect(await ownedRows(owner.user.id)).not.toEqual(before)
  },
)

test.each(publicRoutes.filter((route) => hasId(route) && isRead(route)))(
  '$method $path tells everybody who may ask the same',
  async (route) => {
    const parameters = goodParameters(route, goodValuesFor(route, subjects))
    const draft = { what: 'as it should be', route, parameters }
    const [stranger, self] = [
      await sendDraft(draft, asRole('another user', other)),
      await sendDraft(draft, asRole('', owner)),
    ]
    expect(isSuccess(route, self)).toBe(true)
    expect(stranger.json).toEqual(self.json)
    const nobody = await sendDraft(draft, asRole('nobody'))
    if (route.access === 'user') expect(isSuccess(route, nobody)).toBe(false)
    else expect(nobody.json).toEqual(self.json)
  },
)

test.each(publicRoutes.filter(({ path }) => path === '/v1/videos/{id}'))(
  '$method $path cannot be used to find out what there was',
  async (route) => {
    const video = await publish(owner)
    await owner.api.videos.delete({ id: video.id })
    for (const role of [asRole('nobody'), asRole('another user', other), asRole('the owner', owner)]) {
      const [deleted, neverThere] = await Promise.all(
        [video.id, 2].map((id) => sendDraft({ what: '', route, parameters: goodParameters(route, { id }) }, role)),
      )
      expect(deleted?.status).toBe(neverThere?.status)
      expect(withoutTrace(deleted?.json)).toEqual(withoutTrace(neverThere?.json))
    }
  },
)

/** What a client might hope to set; nothing of it is a parameter of any route but where it is declared. */
const wishes: Record<string, unknown> = {
  id: 1,
  userId: 1,
  user_id: 1,
  authorId: 1,
  author_id: 1,
  author: { id: 1 },
  role: 'admin',
  roles: ['admin'],
  isAdmin: true,
  is_admin: 1,
  version: 99,
  createdAt: '2001-01-01T00:00:00.000Z',
  created_at: '2001-01-01 00:00:00',
  updatedAt: '2001-01-01T00:00:00.000Z',
  deletedAt: '2001-01-01T00:00:00.000Z',
  deleted_at: null,
  passwordHash: 'x',
  password_hash: 'x',
  usernameKey: 'admin',
  avatarKey: '../../etc/passwd',
  avatarUrl: 'http://evil.example/x.png',
  videoKey: '../../etc/passwd',
  uploadId: '0'.repeat(32),
  status: 'published',
  price: 0,
  points: 1_000_000,
  likeCount: 1_000_000,
  like_count: 1_000_000,
  follower_count: 1_000_000,
  durationMs: 1,
  sizeBytes: 1,
}

const declared = (route: PublicRoute) => new Set(route.fields.map(({ name }) => name))
const writes = publicRoutes.filter(({ method }) => method !== 'GET')

/** The wishes as parameters of a route; what it declares is left out. */
function wishesFor(route: PublicRoute): Parameter[] {
  const asText = (value: unknown) =>
    encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))
  const fragment = (value: unknown) => (route.transport === 'json' ? JSON.stringify(value) : asText(value))
  const wished = Object.entries(wishes).filter(([name]) => !declared(route).has(name))
  return wished.map(([name, value]) => [name, fragment(value)])
}

/** Columns that nobody can choose. */
function chosenByUs({ account, profile, videos }: Awaited<ReturnType<typeof ownedRows>>) {
  const { name: _name, signature: _signature, version: _version, updated_at: _updated, ...fixed } = profile
  return {
    account,
    profile: fixed,
    videos: videos.map(({ id, author_id, upload_id, video_key, cover_key, created_at, duration_ms, size_bytes }) => ({
      id,
      author_id,
      upload_id,
      video_key,
      cover_key,
      created_at,
      duration_ms,
      size_bytes,
    })),
  }
}

test.each(writes)('$method $path takes no more than it declares', async (route) => {
  const self = await newMember('wishful')
  const video = await publish(self)
  const [mine, others] = [await ownedRows(self.user.id), await ownedRows(other.user.id)]
  const username = randomName('wished')
  const good = {
    ...withTitle(goodValuesFor(route, { userId: self.user.id, videoId: video.id, commentId: 1 })),
    username,
    password: 'secret123',
    refreshToken: self.tokens.refreshToken,
  }
  const role = asRole('themselves', self)
  const parameters: Parameter[] = [...goodParameters(route, good), ...wishesFor(route)]
  const answer = await sendDraft({ what: 'with wishes', route, parameters }, role)
  expect(answer.status).toBeLessThan(500)
  for (const id of [1, other.user.id]) expect(answer.text).not.toContain(`"id":${id},`)
  expect(await ownedRows(other.user.id)).toEqual(others)
  if (route.method === 'DELETE') return
  const now = chosenByUs(await ownedRows(self.user.id))
  expect(now).toEqual(chosenByUs(mine))
})
