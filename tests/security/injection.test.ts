import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCanary } from '../support/canary.ts'
import { type Member, newMember, publish } from '../support/community.ts'
import { injectionPayloads, markupPayloads } from '../support/hostile/corpus.ts'
import { fragmentOf, type GoodValues, goodParameters } from '../support/hostile/drafts.ts'
import { documentedStatuses, faultsOf, inParallel, isSuccess } from '../support/hostile/judge.ts'
import { representatives } from '../support/hostile/representatives.ts'
import { shareOf } from '../support/hostile/share.ts'
import { type Draft, type Role, sendDraft } from '../support/hostile/wire.ts'
import { send } from '../support/http.ts'
import { type Field, publicRoutes } from '../support/public-routes.ts'
import { announceSeed, sampled } from '../support/sampling.ts'

announceSeed('injection')

let canary: Awaited<ReturnType<typeof startCanary>>
let payloads: string[]
let owner: Member
let documented: Map<string, Set<number>>
beforeAll(async () => {
  canary = await startCanary()
  payloads = injectionPayloads(canary.url)
  owner = await newMember('owner')
  documented = await documentedStatuses()
})
afterAll(() => canary.stop())

test('the corpus is large enough to mean something', () => {
  expect(payloads.length).toBeGreaterThanOrEqual(500)
})

/** What a text is kept as: line breaks of forms become those of texts, blanks around it go. */
const asKept = (text: string) => text.replaceAll('\r\n', '\n').trim()

describe.each([
  ['name', '/v1/users/me', () => `/v1/users/${owner.user.id}`],
  ['signature', '/v1/users/me', () => `/v1/users/${owner.user.id}`],
  ['title', undefined, undefined],
  ['description', undefined, undefined],
])('%s', (field, ownPath, readPath) => {
  test('refuses every payload or keeps and shows it as it is, as data that no browser runs', async () => {
    const videoPath = ownPath ? '' : `/v1/videos/${(await publish(owner)).id}`
    const [write, read] = [ownPath ?? videoPath, readPath?.() ?? videoPath]
    const token = owner.tokens.accessToken
    const faults: string[] = []
    let kept = 0
    for (const payload of sampled(payloads, 5)) {
      const answer = await send('PATCH', write, { token, json: { [field]: payload } })
      if (answer.status === 400) continue
      const shown = await send('GET', read)
      const value = (shown.json as Record<string, unknown>)[field]
      const isData = String(shown.headers.get('content-type')).startsWith('application/json')
      if (answer.status !== 200 || value !== asKept(payload) || !isData)
        faults.push(`${answer.status} ${payload} -> ${value}`)
      kept++
    }
    expect(faults.join('\n')).toBe('')
    expect(kept).toBeGreaterThan(20)
  })
})

const isText = ({ schema, isFile }: Field) => schema.type === 'string' && !isFile
const textFields = representatives(publicRoutes)
  .map(({ route, fields }) => ({ route, fields: fields.filter(isText) }))
  .filter(({ fields }) => fields.length > 0)

/** A video of the owner; a route may have deleted the one before. */
let videoId: number | undefined
async function ownVideo(): Promise<number> {
  const isThere = videoId !== undefined && (await send('GET', `/v1/videos/${videoId}`)).status === 200
  if (!isThere) videoId = (await publish(owner)).id
  return videoId as number
}

test.each(textFields)('$route.method $route.path takes no text for anything else', async ({ route, fields }) => {
  const role: Role = { name: 'the owner', member: owner }
  const good: GoodValues = { id: await ownVideo(), user_id: owner.user.id, page_size: 5 }
  const drafts = sampled(payloads, shareOf(route, { cheap: 16, dear: 40 })).flatMap((payload) =>
    fields.map((field): Draft => {
      const others = goodParameters(route, good).filter(([name]) => name !== field.name)
      const parameters = [...others, [field.name, fragmentOf(route, field, payload)] as [string, string]]
      return { what: `${field.name}=${payload}`, route, parameters }
    }),
  )
  expect((await faultsOf(drafts, role, documented)).join('\n')).toBe('')
})

test.each(publicRoutes.filter(({ path }) => /login|sessions$/.test(path)))(
  '$method $path logs nobody in for a trick',
  async (route) => {
    const tricks = ["' or 1=1 -- ", "admin'--", '*', '{"$ne":null}', '%', '_%', '\0', '" or ""="']
    const { username } = owner.user
    const role: Role = { name: 'nobody', member: undefined }
    await inParallel(tricks, async (trick) => {
      for (const values of [
        { username: trick, password: trick },
        { username, password: trick },
        { username: `${username}${trick}`, password: owner.password },
      ]) {
        const answer = await sendDraft({ what: trick, route, parameters: goodParameters(route, values) }, role)
        expect(isSuccess(route, answer)).toBe(false)
      }
    })
  },
)

test('markup in a name, a title and a description reaches clients as it was typed, in all three APIs', async () => {
  const token = owner.tokens.accessToken
  const video = await publish(owner)
  for (const payload of sampled(
    markupPayloads.filter((text) => text.length <= 100 && !text.includes('\0')),
    8,
  )) {
    await owner.api.videos.edit({ id: video.id, title: payload, description: payload })
    const answers = [
      await send('GET', `/v1/users/${owner.user.id}/videos?limit=1`),
      await send('GET', `/video/list?user_id=${owner.user.id}&page_num=0&page_size=1`),
      await send('GET', `/douyin/publish/list/?user_id=${owner.user.id}&token=${token}`),
    ]
    for (const { headers, text } of answers) {
      expect(text).toContain(`"title":${JSON.stringify(asKept(payload))}`)
      expect(headers.get('content-type')).toMatch(/^application\/json/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    }
  }
})

test('nothing that was sent made the site fetch anything', () => {
  expect(canary.hits).toEqual([])
})
