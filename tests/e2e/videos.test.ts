import { gzipSync } from 'node:zlib'
import type { V1Video } from '@fanone/contracts/gateway'
import { beforeAll, expect, test } from 'vitest'
import { api, GOOD_PASSWORD, type Member, newMember, publish, randomName } from '../support/community.ts'
import { expectProblem, send, sendAsIs } from '../support/http.ts'

let author: Member
let stranger: Member
let video: V1Video
beforeAll(async () => {
  author = await newMember('author')
  stranger = await newMember('stranger')
  video = await publish(author, { title: 'mine', description: 'my own' })
})

const unchanged = async () => expect(await api().videos.get({ id: video.id })).toEqual(video)

test('only the author edits a video', async () => {
  const path = `/v1/videos/${video.id}`
  const edit = { title: 'yours' }
  expectProblem(await send('PATCH', path, { token: stranger.tokens.accessToken, json: edit }), 403, 'forbidden')
  expectProblem(await send('PATCH', path, { json: edit }), 401, 'unauthenticated')
  await unchanged()
})

test('only the author deletes a video', async () => {
  const path = `/v1/videos/${video.id}`
  expectProblem(await send('DELETE', path, { token: stranger.tokens.accessToken }), 403, 'forbidden')
  expectProblem(await send('DELETE', path), 401, 'unauthenticated')
  await unchanged()
  expect((await fetch(video.videoUrl, { method: 'HEAD' })).status).toBe(200)
})

test('a video that is not there is not found, whatever is asked of it', async () => {
  const token = author.tokens.accessToken
  const gone = await publish(author)
  expect(await sendAsIs('DELETE', `/v1/videos/${gone.id}`, { authorization: `Bearer ${token}` })).toMatchObject({
    status: 204,
    text: '',
  })
  for (const id of [gone.id, 4711, Number.MAX_SAFE_INTEGER]) {
    expectProblem(await send('GET', `/v1/videos/${id}`), 404, 'video_not_found')
    expectProblem(await send('PATCH', `/v1/videos/${id}`, { token, json: { title: 'x' } }), 404, 'video_not_found')
    expectProblem(await send('DELETE', `/v1/videos/${id}`, { token }), 404, 'video_not_found')
  }
})

test("an author's list is paged newest first, and neither repeats nor skips while it changes", async () => {
  const busy = await newMember('busy')
  const ids: number[] = []
  for (let count = 0; count < 5; count++) ids.unshift((await publish(busy)).id)
  const page = async (cursor?: string) => {
    const { items, nextCursor } = await api().videos.listByAuthor({
      id: busy.user.id,
      limit: 2,
      ...(cursor && { cursor }),
    })
    return { ids: items.map(({ id }) => id), next: nextCursor ?? undefined }
  }
  const first = await page()
  expect(first.ids).toEqual(ids.slice(0, 2))
  await publish(busy)
  await busy.api.videos.delete({ id: Number(ids[1]) })
  const second = await page(first.next)
  expect(second.ids).toEqual(ids.slice(2, 4))
  await busy.api.videos.delete({ id: Number(ids[0]) })
  const third = await page(second.next)
  expect(third).toEqual({ ids: ids.slice(4), next: undefined })
  expect(await page(first.next)).toEqual(second)
})

test('somebody without videos has an empty list', async () => {
  expect(await api().videos.listByAuthor({ id: stranger.user.id })).toEqual({ items: [], nextCursor: null })
})

test.each([
  ['emoji', '👩🏽‍🚀 fährt 🚲 über 🏳️‍🌈'],
  ['100 emoji', '🎬'.repeat(100)],
  ['Chinese', '一个非常好的视频'],
  ['what looks like code', `'; drop table video; -- <img src=x onerror=alert(1)> \${7*7} %s`],
])('a title of %s is kept exactly', async (_what, title) => {
  const published = await publish(author, { title, description: title })
  expect(published).toMatchObject({ title, description: title })
  const description = `${title}\n\t${title}`
  const edited = await author.api.videos.edit({ id: published.id, description })
  expect(edited).toMatchObject({ title, description })
  expect(await api().videos.get({ id: published.id })).toEqual(edited)
})

test.each<[string, Record<string, unknown>]>([
  ['a title of 101 emoji', { title: '🎬'.repeat(101) }],
  ['an empty title', { title: '' }],
  ['a title of blanks', { title: ' \n\t ' }],
  ['NUL in the title', { title: 'a\0b' }],
  ['half an emoji in the title', { title: 'a\ud83d' }],
  ['a title that is a number', { title: 7 }],
  ['a description of 2001 characters', { description: 'x'.repeat(2001) }],
  ['an escape character in the description', { description: '\u001b[2J' }],
])('an edit with %s is refused and changes nothing', async (_what, json) => {
  const answer = await send('PATCH', `/v1/videos/${video.id}`, { token: author.tokens.accessToken, json })
  expect(expectProblem(answer, 400, 'invalid_input').issues?.[0]?.path).toBe(Object.keys(json)[0])
  await unchanged()
})

test('an edit without anything new changes nothing, and what nobody may set is ignored', async () => {
  const token = author.tokens.accessToken
  for (const json of [
    {},
    { title: 'mine' },
    { authorId: stranger.user.id, sizeBytes: 1, videoKey: '../x', version: 99 },
  ]) {
    expect((await send('PATCH', `/v1/videos/${video.id}`, { token, json })).json).toEqual(video)
  }
  await unchanged()
})

test.each(['abc', '0', '-1', '1.5', '1e3', '0x10', '%00', '%ff', '99999999999999999', ' ', "1'--", '..'])(
  'a video id %j is not a valid request',
  async (id) => {
    const answer = await sendAsIs('GET', `/v1/videos/${id.replaceAll(' ', '%20')}`)
    if (id === '..') expect(answer.status).toBe(404)
    else expectProblem(answer, 400, 'invalid_input')
  },
)

test.each(['-1', '0', '101', 'abc', '1e2', '1.5', ' ', '', '٣', '1&limit=2'])(
  'a limit of %j is refused by every list',
  async (limit) => {
    const query = limit.includes('&') ? `limit=${limit}` : `limit=${encodeURIComponent(limit)}`
    for (const list of ['/v1/feeds/newest', `/v1/users/${author.user.id}/videos`]) {
      expectProblem(await send('GET', `${list}?${query}`), 400, 'invalid_input')
    }
  },
)

test.each(['x', '-1', '0', 'bmV3ZXN0Oi0x', '../..', '💥', "' or 1=1", 'x'.repeat(200)])(
  'a cursor %j that no list gave out is malformed to every list',
  async (cursor) => {
    for (const list of ['/v1/feeds/newest', `/v1/users/${author.user.id}/videos`]) {
      expectProblem(await send('GET', `${list}?cursor=${encodeURIComponent(cursor)}`), 400, 'malformed_cursor')
    }
  },
)

test('a cursor of one list is malformed to another', async () => {
  await publish(author)
  const list = await api().videos.listByAuthor({ id: author.user.id, limit: 1 })
  expectProblem(await send('GET', `/v1/feeds/newest?cursor=${list.nextCursor}`), 400, 'malformed_cursor')
  const feed = await author.api.feeds.newest({ limit: 1 })
  const path = `/v1/users/${author.user.id}/videos?cursor=${feed.nextCursor}`
  expectProblem(await send('GET', path), 400, 'malformed_cursor')
})

const json = { 'content-type': 'application/json' }
const registration = () => JSON.stringify({ username: randomName(), password: GOOD_PASSWORD })

test.each<[string, number, string, Record<string, string>, () => string | Buffer<ArrayBuffer>]>([
  ['broken JSON', 400, 'malformed_json', json, () => '{"username":"abc"'],
  ['a bare value', 400, 'malformed_json', json, () => '"text"'],
  ['a list', 400, 'invalid_input', json, () => '[1,2]'],
  ['an empty object', 400, 'invalid_input', json, () => '{}'],
  ['other types', 400, 'invalid_input', json, () => '{"username":{"$gt":""},"password":["secret"]}'],
  ['a poisoned prototype', 400, 'invalid_input', json, () => `{"__proto__":${registration()}}`],
  ['very deep nesting', 400, 'invalid_input', json, () => `{"username":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
  ['more than 64 KiB', 413, 'body_too_large', json, () => JSON.stringify({ username: 'x'.repeat(70_000) })],
  ['a zip bomb', 413, 'body_too_large', { ...json, 'content-encoding': 'gzip' }, () => bomb()],
  ['a broken zip', 400, 'invalid_input', { ...json, 'content-encoding': 'gzip' }, () => '{}'],
  ['an unknown encoding', 415, 'unsupported_media_type', { ...json, 'content-encoding': 'x' }, registration],
  [
    'an unknown charset',
    415,
    'unsupported_media_type',
    { 'content-type': 'application/json; charset=x' },
    registration,
  ],
  ['text', 415, 'unsupported_media_type', { 'content-type': 'text/plain' }, registration],
  [
    'a form',
    415,
    'unsupported_media_type',
    { 'content-type': 'application/x-www-form-urlencoded' },
    () => 'username=abc',
  ],
])('a body with %s answers %i %s', async (_what, status, code, headers, body) => {
  expectProblem(await send('POST', '/v1/users', { headers, body: body() }), status, code)
})

function bomb(): Buffer<ArrayBuffer> {
  return gzipSync(Buffer.alloc(10_000_000, ' '))
}
