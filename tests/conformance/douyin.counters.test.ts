import { expect, test } from 'vitest'
import { newMember, publish } from '../support/community.ts'
import { call } from '../support/compat.ts'
import { eventually } from '../support/stack.ts'
import { Feed, List, OneUser, plainUser, read } from './douyin-tables.ts'

test('1, 4, 6: counts of videos and users are those of what people did', async () => {
  const [author, fan] = [await newMember(), await newMember()]
  const video = await publish(author)
  await fan.api.likes.video.put({ id: video.id })
  await fan.api.comments.create({ id: video.id, text: 'seen' })
  await fan.api.relations.follow({ id: author.user.id })
  await author.api.relations.follow({ id: fan.user.id })
  const token = fan.tokens.accessToken
  const userOf = async (userId: number) => {
    return read(await call('GET', '/douyin/user/', { parameters: { user_id: String(userId), token } }), OneUser).user
  }
  const counts = { follow_count: 1, follower_count: 1, total_favorited: 1, work_count: 1, favorite_count: 0 }
  await eventually(async () => expect(await userOf(author.user.id)).toMatchObject(counts) ?? true)
  expect(await userOf(author.user.id)).toEqual({ ...plainUser(author), ...counts, is_follow: true })
  const ofFan = { favorite_count: 1, follow_count: 1, follower_count: 1, total_favorited: 0, work_count: 0 }
  await eventually(async () => expect(await userOf(fan.user.id)).toMatchObject(ofFan) ?? true)

  const expected = { id: video.id, favorite_count: 1, comment_count: 1, is_favorite: true, author: counts }
  const feed = await eventually(async () => {
    const { video_list: videos } = read(await call('GET', '/douyin/feed/', { parameters: { token } }), Feed)
    const shown = videos.find(({ id }) => id === video.id)
    return shown?.favorite_count === 1 && shown.comment_count === 1 && shown
  })
  expect(feed).toMatchObject(expected)
  const parameters = { user_id: String(author.user.id), token }
  await eventually(async () => {
    const listed = await call('GET', '/douyin/publish/list/', { parameters })
    expect(read(listed, List).video_list).toMatchObject([expected])
    return true
  })
})
