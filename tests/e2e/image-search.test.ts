import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { drawing, partOf } from '../support/drawings.ts'
import { apiUrl, eventually } from '../support/stack.ts'

const file = (bytes: Uint8Array) => new File([Uint8Array.from(bytes)], 'picture')
const SEEN = { timeoutMs: 100_000 }

let author: Member
let videos: { id: number; coverUrl: string }[]
beforeAll(async () => {
  author = await newMember()
  videos = []
  for (const index of [3, 5]) {
    const { id } = await publish(author)
    videos.push(await author.api.pictures.setCover({ id, file: file(await drawing(index)) }))
  }
})

async function nearest(picture: Uint8Array, fields: { kinds?: string } = {}) {
  const { items } = await author.api.pictures.search({ file: file(picture), limit: '5' as never, ...fields } as never)
  return items
}

test('a part of a cover finds its video, until that has another cover or is gone', async () => {
  const [checked] = videos
  const query = await partOf(await drawing(3))
  await eventually(async () => (await nearest(query))[0]?.video?.id === checked?.id, SEEN)
  const [best] = await nearest(query, { kinds: 'cover,frame' })
  expect(best).toMatchObject({ kind: 'cover', pictureUrl: checked?.coverUrl, user: null, timeMs: null })
  expect(best?.score).toBeGreaterThan(0.8)
  expect((await nearest(query, { kinds: 'avatar' })).every(({ user, video }) => user !== null && video === null)).toBe(
    true,
  )
  await author.api.videos.delete({ id: checked?.id ?? 0 })
  await eventually(async () => !(await nearest(query)).some(({ video }) => video?.id === checked?.id))
})

test('FanOne 7 answers one URL; an avatar finds its user', async () => {
  const avatar = await drawing(7)
  const { avatarUrl } = await author.api.pictures.setAvatar({ file: file(avatar) })
  const search = async () => {
    const body = new FormData()
    body.append('data', file(avatar))
    const headers = { 'access-token': author.tokens.accessToken }
    const response = await fetch(`${apiUrl}/user/image/search`, { method: 'POST', headers, body })
    return (await response.json()) as { base: object; data: string }
  }
  await eventually(async () => (await search()).data === avatarUrl, SEEN)
  expect((await search()).base).toEqual({ code: 10000, msg: 'success' })
  const [best] = await nearest(avatar, { kinds: 'avatar' })
  expect(best).toMatchObject({ kind: 'avatar', pictureUrl: avatarUrl, video: null, user: { id: author.user.id } })
})

test('videos that look alike are found by one of them', async () => {
  const [one, other] = [await publish(author), await publish(author)]
  await author.api.pictures.setCover({ id: one.id, file: file(await drawing(6)) })
  await author.api.pictures.setCover({ id: other.id, file: file(await partOf(await drawing(6))) })
  await eventually(async () => {
    const { items } = await author.api.videos.similar({ id: one.id, minScore: '0.8' as never })
    return items[0]?.video.id === other.id && !items.some(({ video }) => video.id === one.id)
  }, SEEN)
  await expect(author.api.videos.similar({ id: 1 })).rejects.toMatchObject({ code: 'video_not_found' })
})

test('what is no picture, or no question, is refused', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  await expect(nearest(svg)).rejects.toMatchObject({ code: 'not_a_picture' })
  await expect(nearest(await drawing(1), { kinds: 'cover,owner_id > 0' })).rejects.toMatchObject({
    code: 'invalid_input',
  })
  const body = new FormData()
  body.append('file', file(await drawing(1)))
  expect((await fetch(`${apiUrl}/v1/images/search`, { method: 'POST', body })).status).toBe(401)
})
