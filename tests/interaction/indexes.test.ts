import { afterAll, beforeAll, expect, test } from 'vitest'
import { explainQueries, wastefulQueries } from '../support/explain.ts'
import { profileOf, userUpdatedDelivery } from '../support/played-users.ts'
import { commentBy, delivery, type InteractionParts, interactionParts, userWithId } from './interaction-parts.ts'

const VIDEOS = 200
const USERS = 100
const COMMENTS_EACH = 60

let parts: InteractionParts
beforeAll(async () => {
  parts = await interactionParts()
  const videos = Array.from({ length: VIDEOS }, (_, index) => index + 1)
  await parts.query('insert into @.content (kind, id, author_id) values ?', [videos.map((id) => ['video', id, 1])])
  const likes = videos.flatMap((video) =>
    Array.from({ length: USERS }, (_, user) => {
      const id = video * USERS + user
      return [id, 'video', video, 1, user + 1, user % 5 === 0 ? null : id]
    }),
  )
  const comments = videos.flatMap((video) =>
    Array.from({ length: COMMENTS_EACH }, (_, index) => {
      const id = video * 1_000 + index
      const parentId = index % 3 === 0 ? 0 : id - (index % 3)
      return [id, 'video', video, 1, parentId, index + 1, 'text', index % 10 === 9 ? new Date() : null]
    }),
  )
  const visits = videos.flatMap((video) =>
    Array.from({ length: 50 }, (_, user) => ['video', video, `user:${user}`, new Date()]),
  )
  const hours = videos.flatMap((video) =>
    Array.from({ length: 24 }, (_, hour) => ['video', video, `2026-01-01 ${hour}:00:00`, 1, 1]),
  )
  await parts.query('insert into @.content_like (id, kind, content_id, author_id, user_id, liked_id) values ?', [likes])
  await parts.query(
    'insert into @.comment (id, kind, content_id, author_id, parent_id, user_id, text, deleted_at) values ?',
    [comments],
  )
  await parts.query('insert into @.visit (kind, content_id, viewer, counted_at) values ?', [visits])
  await parts.query('insert into @.visit_hour (kind, content_id, hour, author_id, visits) values ?', [hours])
  // Most authors and counters are known, so that the others are missed.
  const users = Array.from({ length: 2_000 }, (_, id) => [id + 3, 1, 'name', 'Name', '', new Date(), new Date()])
  const columns = 'id, version, username, name, signature, created_at, updated_at'
  await parts.query(`insert into @.known_user (${columns}) values ?`, [users])
  const counters = comments.filter((_, index) => index % 5 !== 0).map(([id]) => [id, 1, 2, 3])
  await parts.query('insert into @.comment_counters (id, version, likes, replies) values ?', [counters])
  for (const table of ['known_user', 'comment_counters', 'content', 'content_like', 'comment', 'visit', 'visit_hour'])
    await parts.query(`analyze table @.${table}`)
})
afterAll(() => parts.close())

/** Every operation of the service, and what runs beside them. */
async function everything() {
  const { likes, comments, visits } = parts
  const user = userWithId(42)
  const target = { kind: 'video', id: 100 } as const
  const paging = { offset: 0, limit: 20 }
  await likes.unlike(user, target)
  await likes.like(user, target)
  const ids = Array.from({ length: 20 }, (_, index) => index + 50)
  const callOf = (verb: 'like' | 'unlike', id: number) => likes.callOf(verb, userWithId(id), { kind: 'video', id })
  await likes.service.likeMany(ids.map((id) => callOf('like', id)))
  await likes.service.unlikeMany(ids.map((id) => callOf('unlike', id)))
  await likes.flags([42, 43, 44].map((userId) => ({ userId, kind: 'video', ids })))
  const { nextCursor } = await likes.listByUser({ userId: 42, kind: 'video', ...paging })
  await likes.listByUser({ userId: 42, kind: 'video', ...paging, cursor: String(nextCursor) })
  await likes.walk({ afterId: 10_000, limit: 100 })
  const page = (await comments.list({ target, ...paging, limit: 5 })).read()
  await comments.list({ target, ...paging, cursor: String(page.nextCursor) })
  await comments.replies({ commentId: 100_000, ...paging })
  await comments.list({ target, ...paging, viewerId: 42 })
  await parts.events['user.updated'](userUpdatedDelivery(profileOf(7, { version: 2 })))
  const counted = { kind: 'comment', comments: 1, visits: 0 } as const
  const items = [100_000, 150_000].map((id) => ({ ...counted, id, likes: 2, version: 9 }))
  await parts.events['counters.changed']({ data: { items } } as never)
  await comments.walk({ afterId: 50_000, limit: 100 })
  const written = await comments.create(commentBy(42, { target, text: 'x' }, 'key'))
  await comments.create(commentBy(42, { target: { kind: 'comment', id: written.id }, text: 'x' }, 'other key'))
  await comments.createMany(ids.map((id) => commentBy(id, { target, text: 'x' }, `key of ${id}`)))
  await likes.like(user, { kind: 'comment', id: written.id })
  await visits.record(userWithId(7), { target })
  await visits.record(userWithId(900), { target })
  await visits.walk({ kind: 'video', after: { contentId: 100, hour: '2026-01-01T12:00:00.000Z' }, limit: 50 })
  await comments.delete(user, { id: written.id, onlyOwn: true })
  await parts.events['video.deleted'](delivery('video.deleted', { videoId: 150, authorId: 1 }))
  for (let next = await parts.cascades.next(); next; next = await parts.cascades.next())
    await parts.cascades.deleteSome(next)
  await parts.visitRows.purge()
  // Empty now, and who looks for anything in a table of no rows may look through all of it.
  await parts.query('insert into @.ended_content (kind, id) values ?', [
    Array.from({ length: 2_000 }, (_, id) => ['answer', id]),
  ])
  await parts.query('analyze table @.ended_content')
}

test('no list and no lookup of the service reads more than it has to', async () => {
  const explained = await explainQueries(parts.database, everything)
  expect(explained.length).toBeGreaterThanOrEqual(20)
  expect(wastefulQueries(explained)).toEqual([])
})

test('a query without a key would be found', async () => {
  const explained = await explainQueries(parts.database, async () => {
    const em = parts.database.em()
    await em.execute('select * from comment where user_id = 3 order by text limit 20')
    await em.execute('update content_like set liked_id = null where author_id = 99')
    await em.execute('select id from content_like where user_id + 0 = 7')
  })
  expect(wastefulQueries(explained)).toEqual([
    expect.stringMatching(/^full scan of comment, sorts comment: select/),
    expect.stringMatching(/scan of .*content_like.*: update/),
    expect.stringMatching(/scan of .*content_like.*: select/),
  ])
})
