import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { Authenticator } from '../support/authenticator.ts'
import { api, GOOD_PASSWORD, type Member, newMember, newSession, publish, randomName } from '../support/community.ts'
import { ownedRows } from '../support/hostile/database.ts'
import { type GoodValues, goodParameters } from '../support/hostile/drafts.ts'
import { goodValuesFor, type Subjects } from '../support/hostile/good-values.ts'
import { compatCode, isSuccess } from '../support/hostile/judge.ts'
import { type Parameter, type Role, sendDraft } from '../support/hostile/wire.ts'
import { wishesFor } from '../support/hostile/wishes.ts'
import type { Answer } from '../support/http.ts'
import { publicRoutes as allRoutes, type PublicRoute } from '../support/public-routes.ts'
import { eventually } from '../support/stack.ts'

// Registering and publishing take longest, so routes share users and videos until one is used up.

/** Those of operators are for nobody else: tests/security/operators.test.ts. */
const publicRoutes = allRoutes.filter(({ access }) => access !== 'operator')

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

/** Actions of users on things of others: likes, comments, visits, follows. */
const isTakingPart = ({ method, path }: PublicRoute) =>
  method !== 'GET' &&
  /\/(like|comments|replies|reports|visits|following\/\{id\})$|^\/(like|relation)\/action|^\/comment\/publish|^\/douyin\/(favorite|comment|relation)\/action/.test(
    path,
  )

const isThere = (videoId: number) =>
  api()
    .videos.get({ id: videoId })
    .then(Boolean, () => false)

/**
 * Makes something of the owner that can be changed or deleted.
 *
 * @param left a video that may have been deleted
 */
async function makeSubjects(left?: Subjects): Promise<Subjects> {
  const videoId = left && (await isThere(left.videoId)) ? left.videoId : (await publish(owner)).id
  const { id: commentId } = await owner.api.comments.create({ id: videoId, text: 'mine' })
  return {
    userId: owner.user.id,
    videoId,
    commentId,
    sessionId: left?.sessionId ?? (await newSession(owner)),
    passkeyId: await passkeyOf(owner),
  }
}

/** The only one they have. */
async function passkeyOf(member: Member): Promise<number> {
  const { items } = await member.api.passkeys.list()
  if (items[0]) return items[0].id
  const { publicKey } = await member.api.passkeys.begin({ password: member.password })
  return (await member.api.passkeys.add({ name: 'ring', credential: new Authenticator().create(publicKey) })).id
}

const withTitle = (good: GoodValues): GoodValues => ({ ...good, title: randomName('changed') })
const goodForMissing = (route: PublicRoute) =>
  withTitle(goodValuesFor(route, { userId: 1, videoId: 1, commentId: 1, sessionId: randomUUID(), passkeyId: 1 }))

/** The codes for "not yours", "log in" and "does not exist". */
const refusals = {
  v1: { forbidden: 403, unauthenticated: 401, missing: 404 },
  fanone: { forbidden: 15002, unauthenticated: 10005, missing: 15001 },
  douyin: { forbidden: 15002, unauthenticated: 10005, missing: 15001 },
}
/** Who may not change a thing that others cannot see is told that there is none. */
const forbiddenOf = (route: PublicRoute) =>
  /^\/v1\/(sessions|users\/me\/passkeys)\//.test(route.path)
    ? refusals[route.surface].missing
    : refusals[route.surface].forbidden
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

const picture = async () => new File([await sharp(PLAIN).png().toBuffer()], 'picture.png')
const PLAIN = { create: { width: 9, height: 9, channels: 3, background: 'red' } } as const

/** The owner can send a picture only where there is one in the file. */
async function withPicture(route: PublicRoute, parameters: Parameter[]): Promise<Parameter[]> {
  const bytes = Buffer.from(await (await picture()).arrayBuffer())
  const fragment = bytes.toString('hex').replace(/../g, '%$&')
  const isFile = (name: string) => route.fields.some((field) => field.name === name && field.isFile)
  return parameters.map(([name, value]) => [name, isFile(name) ? fragment : value])
}

let changed: Subjects | undefined

/** Nobody is told that there is one of somebody else: tests/video/uploads.test.ts. */
const isOfUpload = ({ path }: PublicRoute) => path.startsWith('/v1/uploads/')

test.each(publicRoutes.filter((route) => hasId(route) && !isRead(route) && !isTakingPart(route) && !isOfUpload(route)))(
  "$method $path changes nothing of somebody else's",
  async (route) => {
    changed = await makeSubjects(changed)
    const good = withTitle(goodValuesFor(route, changed))
    const refusal = refusals[route.surface]
    // Only what was chosen can be removed.
    if (route.path.endsWith('/cover')) await owner.api.pictures.setCover({ id: changed.videoId, file: await picture() })
    const parameters = await withPicture(route, goodParameters(route, good))
    const draft = { what: 'as it should be', route, parameters }
    const before = await ownedRows(owner.user.id)
    for (const role of [asRole('nobody'), asRole('another user', other)]) {
      const answer = await sendDraft(draft, role)
      expect(refusalOf(route, answer)).toBe(role.member ? forbiddenOf(route) : refusal.unauthenticated)
      expect(await ownedRows(owner.user.id)).toEqual(before)
    }
    const missing = { ...draft, parameters: goodParameters(route, goodForMissing(route)) }
    expect(refusalOf(route, await sendDraft(missing, asRole('another user', other)))).toBe(refusal.missing)
    expect(isSuccess(route, await sendDraft(draft, asRole('the owner', owner)))).toBe(true)
    expect(await ownedRows(owner.user.id)).not.toEqual(before)
  },
)

test.each(publicRoutes.filter((route) => hasId(route) && isRead(route) && route.isOwners))(
  '$method $path tells only whose it is',
  async (route) => {
    const draft = { what: '', route, parameters: goodParameters(route, goodValuesFor(route, subjects)) }
    const { forbidden, unauthenticated, missing } = refusals[route.surface]
    expect(refusalOf(route, await sendDraft(draft, asRole('nobody')))).toBe(unauthenticated)
    expect(refusalOf(route, await sendDraft(draft, asRole('another user', other)))).toBe(forbidden)
    expect(isSuccess(route, await sendDraft(draft, asRole('the owner', owner)))).toBe(true)
    const ofNothing = { ...draft, parameters: goodParameters(route, goodForMissing(route)) }
    expect(refusalOf(route, await sendDraft(ofNothing, asRole('another user', other)))).toBe(missing)
  },
)

test.each(publicRoutes.filter((route) => hasId(route) && isRead(route) && !route.isOwners))(
  '$method $path tells everybody who may ask the same',
  async (route) => {
    const parameters = goodParameters(route, goodValuesFor(route, subjects))
    const draft = { what: 'as it should be', route, parameters }
    // Counters arrive while it is asked.
    await eventually(async () => {
      const self = await sendDraft(draft, asRole('', owner))
      const stranger = await sendDraft(draft, asRole('another user', other))
      const nobody = await sendDraft(draft, asRole('nobody'))
      expect(isSuccess(route, self)).toBe(true)
      expect(stranger.json).toEqual(self.json)
      if (route.access === 'user') expect(isSuccess(route, nobody)).toBe(false)
      else expect(nobody.json).toEqual(self.json)
      return true
    })
  },
)

let deletedId: number | undefined

async function deletedVideo(): Promise<number> {
  const { id } = await publish(owner)
  await owner.api.videos.delete({ id })
  return id
}

test.each(publicRoutes.filter(({ path }) => path === '/v1/videos/{id}'))(
  '$method $path cannot be used to find out what there was',
  async (route) => {
    deletedId ??= await deletedVideo()
    for (const role of [asRole('nobody'), asRole('another user', other), asRole('the owner', owner)]) {
      const [deleted, neverThere] = await Promise.all(
        [Number(deletedId), 2].map((id) =>
          sendDraft({ what: '', route, parameters: goodParameters(route, { id }) }, role),
        ),
      )
      expect(deleted?.status).toBe(neverThere?.status)
      expect(withoutTrace(deleted?.json)).toEqual(withoutTrace(neverThere?.json))
    }
  },
)

const writes = publicRoutes.filter(({ method }) => method !== 'GET')

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

interface Wishful {
  self: Member
  video: { id: number }
}
let wishful: Wishful | undefined

/** A refresh token can be used once, and whether it was cannot be seen. */
const takesRefreshToken = (route: PublicRoute) => route.fields.some(({ name }) => /refresh/i.test(name))

/** Somebody who is logged in and has a video: whoever the route before has left like that. */
async function wishfulMember(route: PublicRoute): Promise<Wishful> {
  const isLoggedIn = await wishful?.self.api.users.getMe().then(Boolean, () => false)
  if (wishful && isLoggedIn && !takesRefreshToken(route) && (await isThere(wishful.video.id))) return wishful
  const self = await newMember('wishful')
  return { self, video: await publish(self) }
}

test.each(writes)('$method $path takes no more than it declares', async (route) => {
  const { self, video } = await wishfulMember(route)
  wishful = takesRefreshToken(route) ? undefined : { self, video }
  const [mine, others] = [await ownedRows(self.user.id), await ownedRows(other.user.id)]
  const username = randomName('wished')
  const good = {
    ...withTitle(
      goodValuesFor(route, {
        userId: self.user.id,
        videoId: video.id,
        commentId: 1,
        sessionId: randomUUID(),
        passkeyId: 1,
      }),
    ),
    username,
    password: GOOD_PASSWORD,
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
