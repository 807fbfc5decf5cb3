import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleVideo } from '../../testing/sample-video.ts'
import { startTestGateway } from '../../testing/test-gateway.ts'
import { signToken } from '../../testing/test-tokens.ts'

const profile = { username: 'anna', name: 'Anna', avatarKey: null, backgroundKey: null, signature: '' }
const tokens = { accessToken: 'a', refreshToken: 'r', expiresInSeconds: 900 }

let gateway: Awaited<ReturnType<typeof startTestGateway>>
let token: string
/** What reached the services, by operation. */
let asked: Record<string, unknown>
beforeAll(async () => {
  const answer = (operation: string, output: (input: never) => unknown) => async (input: unknown) => {
    asked[operation] = input
    return output(input as never)
  }
  const noPage = () => ({ items: [], authors: [], nextCursor: null })
  gateway = await startTestGateway({
    user: {
      accounts: { register: answer('register', () => ({ user: { id: 7, ...profile }, tokens })) },
      profiles: {
        getMany: answer('getMany', ({ ids }: { ids: number[] }) => ({ items: ids.map((id) => ({ id, ...profile })) })),
      },
    },
    video: { videos: { publish: answer('publish', () => sampleVideo), listByAuthor: answer('listByAuthor', noPage) } },
    interaction: {
      likes: { like: answer('like', () => ({ changed: true })), listByUser: answer('listByUser', noPage) },
      comments: { delete: answer('deleteComment', () => ({})), list: answer('listComments', noPage) },
    },
    relation: {
      follows: { follow: answer('follow', () => ({ changed: true })), list: answer('listFollows', noPage) },
    },
    feed: { timelines: { between: answer('between', () => ({ items: [] })) } },
  } as never)
  token = await signToken(gateway.key)
})
afterAll(() => gateway.stop())
beforeEach(() => {
  asked = {}
})

async function send(method: string, path: string, parameters: Record<string, string> = {}, body?: FormData) {
  const query = new URLSearchParams({ token, ...parameters })
  const response = await fetch(`${gateway.url}${path}?${query}`, { method, ...(body ? { body } : {}) })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) }
}

const id = 375713228857344
/** Every parameter that is an id, and where it has to arrive. */
const ids = [
  ['GET', '/douyin/user/', 'user_id', {}, () => asked.getMany, { ids: [id] }],
  ['GET', '/douyin/publish/list/', 'user_id', {}, () => asked.listByAuthor, { authorId: id }],
  ['POST', '/douyin/favorite/action/', 'video_id', { action_type: '1' }, () => asked.like, { target: { id } }],
  ['GET', '/douyin/favorite/list/', 'user_id', {}, () => asked.listByUser, { userId: id }],
  ['POST', '/douyin/comment/action/', 'video_id', { action_type: '2', comment_id: '5' }, () => asked.deleteComment, {}],
  [
    ...(['POST', '/douyin/comment/action/', 'comment_id', { action_type: '2', video_id: '5' }] as const),
    ...([() => asked.deleteComment, { id }] as const),
  ],
  ['GET', '/douyin/comment/list/', 'video_id', {}, () => asked.listComments, { target: { id } }],
  ['POST', '/douyin/relation/action/', 'to_user_id', { action_type: '1' }, () => asked.follow, { userId: id }],
  ['GET', '/douyin/relation/follow/list/', 'user_id', {}, () => asked.listFollows, { userId: id }],
  ['GET', '/douyin/relation/follower/list/', 'user_id', {}, () => asked.listFollows, { userId: id }],
  ['GET', '/douyin/relation/friend/list/', 'user_id', {}, () => asked.listFollows, { userId: id }],
] as const

describe.each(ids)('%s %s %s', (method, path, name, others, found, expected) => {
  it.each([
    '375713228857344',
    '3.75713228857344e+14',
    '3.75713228857344E14',
    '375713228857344.0',
    '3757132288573.44e2',
  ])('takes %s', async (text) => {
    expect(await send(method, path, { ...others, [name]: text })).toMatchObject({
      status: 200,
      json: { status_code: 0 },
    })
    expect(found()).toMatchObject(expected)
  })

  it.each([
    '1.5',
    '3.75713228857345e+13.',
    '9.007199254740993e+15',
    '1e400',
    '0x10',
    '1e',
    'Infinity',
    'e5',
    '-1e3',
    '1e-3',
  ])('refuses %s', async (text) => {
    const { json } = await send(method, path, { ...others, [name]: text })
    expect(json).toMatchObject({ status_code: 10002, status_msg: expect.stringContaining(name) })
    expect(found()).toBeUndefined()
  })

  it('says what is wrong with an id that is too long', async () => {
    for (const text of ['9007199254740992', '12345678901234567', '123456789012345678901']) {
      const { json } = await send(method, path, { ...others, [name]: text })
      expect(json).toMatchObject({ status_code: 10002, status_msg: expect.stringMatching(/53 bits/) })
    }
  })
})

describe('latest_time', () => {
  it.each(['', '0', 'null', '17639001234567', '99999999999999', '9223372036854775807', '1.763900123456e+13'])(
    '%j is now',
    async (latest_time) => {
      expect(await send('GET', '/douyin/feed/', { latest_time })).toMatchObject({ json: { status_code: 0 } })
      expect(asked.between).toEqual({ order: 'newestFirst', limit: 30 })
    },
  )

  it.each([
    ['1763900123', 1_763_900_123_000],
    ['1763900123456', 1_763_900_123_456],
    ['1.763900123456e+12', 1_763_900_123_456],
  ])('%j is a time', async (latest_time, beforeMs) => {
    await send('GET', '/douyin/feed/', { latest_time })
    expect(asked.between).toMatchObject({ beforeMs })
  })

  it.each(['-1', 'yesterday', '2026-11-21'])('%j is refused', async (latest_time) => {
    expect(await send('GET', '/douyin/feed/', { latest_time })).toMatchObject({ json: { status_code: 10002 } })
  })
})

describe('publishing', () => {
  const form = (fields: Record<string, string> = {}) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.append(name, value)
    body.append('data', new Blob(['x'.repeat(1_000)]), 'a.mp4')
    return body
  }

  it('takes the title from the query, where the form wins', async () => {
    expect(await send('POST', '/douyin/publish/action/', { title: 'query' }, form())).toMatchObject({
      json: { status_code: 0 },
    })
    expect(asked.publish).toMatchObject({ title: 'query' })
    await send('POST', '/douyin/publish/action/', { title: 'query' }, form({ title: 'form' }))
    expect(asked.publish).toMatchObject({ title: 'form' })
  })

  it('refuses a bad title in the query before it takes the file', async () => {
    const { json } = await send('POST', '/douyin/publish/action/', { title: '\u200b' }, form())
    expect(json).toMatchObject({ status_code: 10002, status_msg: expect.stringContaining('title') })
    expect(asked.publish).toBeUndefined()
  })

  it('takes no title from the query on other surfaces', async () => {
    const headers = { authorization: `Bearer ${token}` }
    for (const path of ['/v1/videos?title=query', '/video/publish?title=query&description=x']) {
      const body = form()
      if (path.startsWith('/v1')) body.append('description', '')
      await fetch(gateway.url + path, { method: 'POST', headers, body })
      expect(asked.publish).toBeUndefined()
    }
  })
})

describe('a name', () => {
  it.each(['ab', '中', 'anna@example.org', 'x'.repeat(32), 'Anna B', '👩‍👩‍👧', 'a/b'])(
    '%j can register',
    async (username) => {
      const { json } = await send('POST', '/douyin/user/register/', { username, password: 'secret' })
      expect(json).toMatchObject({ status_code: 0, user_id: 7 })
      expect(asked.register).toMatchObject({ username })
    },
  )

  it.each(['', '   ', '\u200b\u3164', 'x'.repeat(33), 'a\nb', 'a\u202eb', 'nul\0'])('%j cannot', async (username) => {
    const { json } = await send('POST', '/douyin/user/register/', { username, password: 'secret' })
    expect(json).toMatchObject({ user_id: 0, token: '', status_msg: expect.stringContaining('username') })
    expect(json?.status_code).not.toBe(0)
    expect(asked.register).toBeUndefined()
  })

  it.each(['ab', 'anna@example.org'])('%j cannot register on the other surfaces', async (username) => {
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify({ username, password: 'secret' })
    const v1 = await fetch(`${gateway.url}/v1/users`, { method: 'POST', headers: json, body })
    expect(v1.status).toBe(400)
    const form = new URLSearchParams({ username, password: 'secret' })
    const fanone = await fetch(`${gateway.url}/user/register`, { method: 'POST', body: form })
    expect(await fanone.json()).not.toMatchObject({ base: { code: 10000 } })
    expect(asked.register).toBeUndefined()
  })
})

describe('what is not there', () => {
  it.each([
    ['GET', '/douyin'],
    ['GET', '/douyin/'],
    ['GET', '/douyin/nothing/'],
    ['GET', '//douyin/feed/'],
    ['GET', '/douyin//feed/'],
    ['POST', '/douyin/feed/'],
    ['GET', '/douyin/favorite/action/'],
    ['DELETE', '/douyin/user/'],
    ['PUT', '/douyin/publish/action/'],
    ['GET', '/douyin/%zz'],
  ])('%s %s is answered in the envelope', async (method, path) => {
    const { status, json } = await send(method, path)
    expect(status).toBe(200)
    expect(json).toEqual({ status_code: expect.any(Number), status_msg: expect.stringMatching(/./) })
    expect(json?.status_code).not.toBe(0)
  })

  it('a wrong method on a sign-in still carries its fields', async () => {
    const { json } = await send('GET', '/douyin/user/register/')
    expect(json).toMatchObject({ user_id: 0, token: '' })
  })

  it('is a problem document elsewhere', async () => {
    expect((await send('GET', '/douyinx')).json).toMatchObject({ code: 'not_found' })
    expect((await send('GET', '//v1/videos')).json).toMatchObject({ code: 'not_found' })
  })
})
