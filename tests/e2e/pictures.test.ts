import sharp from 'sharp'
import { expect, test } from 'vitest'
import { api, newMember, publish } from '../support/community.ts'
import { apiUrl, eventually } from '../support/stack.ts'

const picture = async (background: string) =>
  new File(
    [
      await sharp({ create: { width: 300, height: 300, channels: 3, background } })
        .jpeg()
        .toBuffer(),
    ],
    'picture.exe',
  )

test('a new avatar is shown wherever its user is, and the old one is gone', async () => {
  const member = await newMember()
  expect(member.user.avatarUrl).toMatch(/\/media\/default-avatars\/\d+\/256\.png$/)
  expect((await fetch(member.user.avatarUrl)).headers.get('content-type')).toBe('image/png')
  const video = await publish(member)
  await member.api.comments.create({ id: video.id, text: 'mine' })
  const first = await member.api.pictures.setAvatar({ file: await picture('red') })
  const { avatarUrl } = await member.api.pictures.setAvatar({ file: await picture('blue') })
  expect((await member.api.users.getMe()).avatarUrl).toBe(avatarUrl)
  const reader = api()
  await eventually(async () => {
    const { items } = await reader.feeds.newest({ limit: 100 as never })
    const card = items.find(({ id }) => id === video.id)
    const comments = await reader.comments.list({ id: video.id })
    return card?.author.avatarUrl === avatarUrl && comments.items[0]?.author.avatarUrl === avatarUrl
  })
  for (const width of [64, 128, 256, 512]) {
    const response = await fetch(avatarUrl.replace('/256.', `/${width}.`))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/webp')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await sharp(await response.arrayBuffer()).metadata()).width).toBe(Math.min(width, 300))
  }
  expect((await fetch(first.avatarUrl)).status).toBe(404)
  expect((await member.api.users.removeAvatar()).avatarUrl).toBe(member.user.avatarUrl)
  expect((await fetch(avatarUrl)).status).toBe(404)
})

test('the compatibility APIs take and show it: FanOne 4, the fields of Douyin', async () => {
  const member = await newMember()
  const body = new FormData()
  body.append('data', await picture('lime'))
  const headers = { 'access-token': member.tokens.accessToken }
  const sent = await fetch(`${apiUrl}/user/avatar/upload`, { method: 'PUT', headers, body })
  const { base, data } = (await sent.json()) as { base: object; data: { id: string; avatar_url: string } }
  expect(base).toEqual({ code: 10000, msg: 'success' })
  expect(data.id).toBe(String(member.user.id))
  expect((await fetch(data.avatar_url)).status).toBe(200)
  const { backgroundUrl } = await member.api.pictures.setBackground({ file: await picture('blue') })
  const shown = await fetch(`${apiUrl}/douyin/user/?user_id=${member.user.id}&token=${member.tokens.accessToken}`)
  const { user } = (await shown.json()) as { user: Record<string, string> }
  expect([user.avatar, user.background_image]).toEqual([data.avatar_url, backgroundUrl])
  const refused = new FormData()
  refused.append('data', new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'a.png', { type: 'image/png' }))
  const refusal = await fetch(`${apiUrl}/user/avatar/upload`, { method: 'PUT', headers, body: refused })
  expect(await refusal.json()).toMatchObject({ base: { code: 12001 } })
})

test('a chosen cover is shown on cards, and the drawn one after it is removed', async () => {
  const member = await newMember()
  const video = await publish(member)
  const { coverUrl } = await member.api.pictures.setCover({ id: video.id, file: await picture('red') })
  expect((await sharp(await (await fetch(coverUrl)).arrayBuffer()).metadata()).format).toBe('webp')
  const shownOnCard = async () =>
    (await api().feeds.newest({ limit: 100 as never })).items.find(({ id }) => id === video.id)?.coverUrl
  await eventually(async () => (await shownOnCard()) === coverUrl)
  const stranger = await newMember()
  const refused = stranger.api.pictures.setCover({ id: video.id, file: await picture('blue') })
  await expect(refused).rejects.toMatchObject({ code: 'forbidden' })
  expect((await member.api.videos.removeCover({ id: video.id })).coverUrl).toBe(video.coverUrl)
  await eventually(async () => (await shownOnCard()) === video.coverUrl)
  expect((await fetch(coverUrl)).status).toBe(404)
})
