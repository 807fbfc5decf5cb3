import { beforeAll, describe, expect, test } from 'vitest'
import { api, type Member, newMember, publish, scrollFeed } from '../support/community.ts'
import { call } from '../support/compat.ts'
import { expectProblem, send } from '../support/http.ts'
import { newOperator } from '../support/operators.ts'
import { cli, eventually } from '../support/stack.ts'

let operator: Member
beforeAll(async () => {
  operator = await newOperator()
})

const isRefused = async (token: string, path: string, status: number) =>
  (await send('GET', path, { token })).status === status

describe('an operator', () => {
  test('is made by command, from the next log-in on, and unmade', async () => {
    const member = await newMember('deputy')
    const path = `/v1/ops/users/${member.user.id}`
    expectProblem(await send('GET', path, { token: member.tokens.accessToken }), 403, 'forbidden')
    expect(await cli('operator', 'grant', member.user.username)).toMatchObject({ exitCode: 0 })
    expectProblem(await send('GET', path, { token: member.tokens.accessToken }), 403, 'forbidden')
    const { tokens } = await api().sessions.refresh({ refreshToken: member.tokens.refreshToken })
    expect((await send('GET', path, { token: tokens.accessToken })).json).toMatchObject({ role: 'operator' })
    expect(await cli('operator', 'revoke', member.user.username)).toMatchObject({ exitCode: 0 })
    await eventually(() => isRefused(tokens.accessToken, path, 401))
    expect((await cli('operator', 'list')).all).not.toContain(member.user.username)
  })

  test('finds accounts by name and by id', async () => {
    const { user } = await newMember('sought')
    const { items } = await operator.api.ops.findUsers({ username: user.username })
    expect(items).toMatchObject([{ id: user.id, username: user.username, role: null, ban: null }])
    expect(await operator.api.ops.getUser({ id: user.id })).toEqual(items[0])
    await expect(operator.api.ops.getUser({ id: 1 })).rejects.toMatchObject({ code: 'user_not_found' })
  })
})

/** What a reader sees of somebody and of what is theirs, on all pages. */
async function sightings(reader: Member, { user, videoId, commentId, onVideoId }: Community): Promise<string[]> {
  const seen: string[] = []
  const note = async (where: string, isSeen: Promise<boolean>) => {
    if (await isSeen.catch(() => false)) seen.push(where)
  }
  const has = (items: { id: number }[], id: number) => items.some((item) => item.id === id)
  const { api: as } = reader
  const search = (query: object) => as.videos.search(query as never).then(({ items }) => has(items, videoId))
  await note('profile', as.users.get({ id: user.id }).then(Boolean))
  await note(
    'profiles',
    as.users.getMany({ ids: String(user.id) as never }).then(({ items }) => items.length > 0),
  )
  await note('video', as.videos.get({ id: videoId }).then(Boolean))
  await note(
    'works',
    as.videos.listByAuthor({ id: user.id }).then(({ items }) => items.length > 0),
  )
  await note('search by name', search({ authorName: user.username }))
  await note(
    'newest',
    scrollFeed({ limit: 100 }).then((ids) => ids.includes(videoId)),
  )
  await note(
    'following feed',
    as.feeds.following({}).then(({ items }) => has(items, videoId)),
  )
  await note(
    'comments under it',
    as.comments.list({ id: videoId }).then(({ items }) => items.length > 0),
  )
  await note(
    'comments of theirs',
    as.comments.list({ id: onVideoId }).then(({ items }) => has(items, commentId)),
  )
  await note(
    'replies to theirs',
    as.comments.listReplies({ id: commentId }).then(({ items }) => items.length > 0),
  )
  await note(
    'what one follows',
    as.relations.listFollowing({ id: reader.user.id }).then(({ items }) => has(items, user.id)),
  )
  await note(
    'their followers',
    as.relations.listFollowers({ id: user.id }).then(({ items }) => items.length > 0),
  )
  await note(
    'what one likes',
    as.likes.listVideos({ id: reader.user.id }).then(({ items }) => has(items, videoId)),
  )
  const parameters = { keywords: '', username: user.username, page_num: '0', page_size: '20' }
  const found = await call('POST', '/video/search', { parameters })
  await note('FanOne search', Promise.resolve((found.json as { data?: { total?: number } }).data?.total === 1))
  return seen
}

const everywhere = [
  'profile',
  'profiles',
  'video',
  'works',
  'search by name',
  'newest',
  'following feed',
  'comments under it',
  'comments of theirs',
  'replies to theirs',
  'what one follows',
  'their followers',
  'what one likes',
  'FanOne search',
]

interface Community {
  user: Member['user']
  videoId: number
  commentId: number
  onVideoId: number
}

describe('a ban', () => {
  test('ends sessions, says so at log-in, hides what is theirs everywhere, and back again', async () => {
    const [target, reader] = [await newMember('target'), await newMember('reader')]
    const [video, onVideo] = [await publish(target), await publish(reader)]
    const comment = await target.api.comments.create({ id: onVideo.id, text: 'by the target' })
    await reader.api.comments.create({ id: video.id, text: 'under a video of the target' })
    await reader.api.comments.reply({ id: comment.id, text: 'a reply' })
    await reader.api.relations.follow({ id: target.user.id })
    await reader.api.likes.video.put({ id: video.id })
    const community = { user: target.user, videoId: video.id, commentId: comment.id, onVideoId: onVideo.id }
    await eventually(async () => {
      expect(await sightings(reader, community)).toEqual(everywhere)
      return true
    })

    const ban = { id: target.user.id, reason: 'spam' }
    expect((await operator.api.ops.ban(ban)).ban).toMatchObject({ reason: 'spam', until: null })
    await eventually(() => isRefused(target.tokens.accessToken, '/v1/users/me', 401))
    const { refreshToken } = target.tokens
    expectProblem(await send('POST', '/v1/sessions/refresh', { json: { refreshToken } }), 401, 'refresh_token_invalid')
    const credentials = { username: target.user.username, password: target.password }
    const refusal = await send('POST', '/v1/sessions', { json: credentials })
    expectProblem(refusal, 403, 'account_banned')
    expect(refusal.text).toContain('spam')
    expectProblem(
      await send('POST', '/v1/sessions', { json: { ...credentials, password: 'not it at all' } }),
      401,
      'wrong_credentials',
    )
    await eventually(async () => {
      expect(await sightings(reader, community)).toEqual([])
      return true
    })

    expect((await operator.api.ops.unban({ id: target.user.id, reason: 'an appeal' })).ban).toBeNull()
    await eventually(async () => {
      expect(await sightings(reader, community)).toEqual(everywhere)
      return true
    })
    expect((await api().sessions.logIn(credentials)).user.id).toBe(target.user.id)
  })
})

describe('a report', () => {
  test('is open once for a reporter and a thing, and decided by removing what was reported', async () => {
    const [author, first, second] = [await newMember('author'), await newMember('first'), await newMember('second')]
    const video = await publish(author)
    const comment = await author.api.comments.create({ id: video.id, text: 'a comment that is reported' })
    const report = { kind: 'comment', id: comment.id, text: 'this is spam' } as const
    const open = await first.api.reports.create(report)
    expect(open).toMatchObject({ kind: 'comment', targetId: comment.id, state: 'open', text: 'this is spam' })
    expect(await first.api.reports.create({ ...report, text: 'still' })).toEqual(open)
    const other = await second.api.reports.create(report)
    expect(other.id).not.toBe(open.id)
    await expect(first.api.reports.create({ ...report, id: 1 })).rejects.toMatchObject({ code: 'comment_not_found' })

    const query = { authorId: author.user.id, kind: 'comment' } as const
    const { items } = await operator.api.ops.listReports(query)
    expect(items.map(({ id, reporterId }) => [id, reporterId])).toEqual([
      [open.id, first.user.id],
      [other.id, second.user.id],
    ])
    const decision = { id: open.id, decision: 'removed', reason: 'spam' } as const
    const decided = await operator.api.ops.decide(decision)
    expect(decided).toMatchObject({ state: 'removed', decision: { operatorId: operator.user.id, reason: 'spam' } })
    expect(await operator.api.ops.decide(decision)).toEqual(decided)
    await expect(operator.api.ops.decide({ ...decision, decision: 'dismissed' })).rejects.toMatchObject({
      code: 'report_decided',
    })
    expect((await operator.api.ops.listReports(query)).items).toEqual([])
    expect((await operator.api.ops.listReports({ ...query, state: 'removed' })).items).toHaveLength(2)
    await eventually(async () => (await author.api.comments.list({ id: video.id })).items.length === 0)
  })

  test('is decided by a ban, and the audit log tells who did what, why, and from where', async () => {
    const [author, reader] = [await newMember('author'), await newMember('reader')]
    const { id } = await reader.api.reports.create({ kind: 'user', id: author.user.id, text: 'an impostor' })
    await operator.api.ops.decide({ id, decision: 'banned', reason: 'impostor' })
    await eventually(() => isRefused(author.tokens.accessToken, '/v1/users/me', 401))
    const { items } = await operator.api.ops.listAudit({ actorId: operator.user.id, limit: 2 as never })
    expect(items).toMatchObject([
      { action: 'report_decided', actorRole: 'operator', reason: 'banned: impostor', subjectId: String(id) },
      { action: 'user_banned', userId: author.user.id, reason: 'impostor', address: '127.0.0.1' },
    ])
    const dismissed = await operator.api.ops.listAudit({ userId: author.user.id, action: 'user_banned' })
    expect(dismissed.items).toHaveLength(1)
  })

  test('is decided by the removal of a video, which deletes it once', async () => {
    const [author, reader] = [await newMember('author'), await newMember('reader')]
    const video = await publish(author)
    const { id } = await reader.api.reports.create({ kind: 'video', id: video.id, text: 'stolen' })
    const removal = { kind: 'video', id: video.id, reason: 'stolen' } as const
    await operator.api.ops.remove(removal)
    await eventually(async () => (await author.api.videos.listByAuthor({ id: author.user.id })).items.length === 0)
    await expect(operator.api.ops.remove(removal)).rejects.toMatchObject({ code: 'video_not_found' })
    const { items } = await operator.api.ops.listReports({ authorId: author.user.id, state: 'removed' })
    expect(items.map((report) => report.id)).toEqual([id])
    const acts = (await operator.api.ops.listAudit({ userId: author.user.id, action: 'content_removed' })).items
    expect(acts).toMatchObject([{ subjectKind: 'video', subjectId: String(video.id), reason: 'stolen' }])
  })
})
