import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { demoClips, demoComments, demoFollows, demoLikes, demoUsers } from '../../scripts/demo/community.ts'
import { seedDemo } from '../../scripts/demo/seed.ts'
import { api, newMember, scrollFeed } from '../support/community.ts'
import { apiUrl, eventually, home } from '../support/stack.ts'

const SOCIAL = 'they followed, liked and commented'
const recordFile = join(home, 'data/demo.json')

interface SeedRecord {
  users: Record<string, { password: string; published: string[] }>
  isIntroduced: boolean
}

beforeAll(async () => {
  await seed()
}, 180_000)

test('the demo is a few people with at least eight clips, and the feed shows them', async () => {
  expect(demoUsers.length).toBeGreaterThanOrEqual(2)
  expect(demoClips.length).toBeGreaterThanOrEqual(8)
  const videos = await publishedVideos()
  expect(videos.map(({ title }) => title).toSorted()).toEqual(demoClips.map(({ title }) => title).toSorted())
  const { accessToken } = (await newMember()).tokens
  await eventually(async () => {
    const shown = await scrollFeed({ limit: 100, accessToken })
    return videos.every(({ id }) => shown.includes(id))
  })
})

test('seeded again, it adds nothing', async () => {
  const before = await publishedVideos()
  expect(await seed()).toEqual([])
  expect(await publishedVideos()).toEqual(before)
})

test('seeded again after it was killed before it could note what it had published, it adds nothing twice', async () => {
  const before = await publishedVideos()
  const record = JSON.parse(await readFile(recordFile, 'utf8')) as SeedRecord
  for (const user of Object.values(record.users)) user.published = []
  record.isIntroduced = false
  await writeFile(recordFile, JSON.stringify(record))
  expect(await seed()).toEqual([SOCIAL])
  expect(await publishedVideos()).toEqual(before)
  await expectCompany()
})

test('they follow each other, like and comment', expectCompany)

/** What each of them follows, likes and says, which a repeat leaves as it is. */
async function expectCompany(): Promise<void> {
  const videos = await publishedVideos()
  const said = await Promise.all(videos.map(({ id }) => textsBelow(id)))
  expect(said.flat().toSorted()).toEqual(
    demoComments.flatMap(({ text, reply }) => [text, ...(reply ? [reply.text] : [])]).toSorted(),
  )
  for (const { id, username } of await demoPeople()) {
    const { items: liked } = await api().likes.listVideos({ id, limit: 100 as never })
    expect(liked.map(({ title }) => title).toSorted()).toEqual(demoLikes[username]?.toSorted())
    const { items: followed } = await api().relations.listFollowing({ id, limit: 100 as never })
    const expected = demoFollows.filter(([follower]) => follower === username).map(([, name]) => name)
    expect(followed.map((user) => user.username).toSorted()).toEqual(expected.toSorted())
  }
}

/** What demo users say about a video and to each other. */
async function textsBelow(videoId: number): Promise<string[]> {
  const { items } = await api().comments.list({ id: videoId, limit: 100 as never })
  const replies = await Promise.all(items.map(({ id }) => api().comments.listReplies({ id, limit: 100 as never })))
  const names = new Set(demoUsers.map(({ username }) => username))
  return [...items, ...replies.flatMap((page) => page.items)]
    .filter(({ author }) => names.has(author.username))
    .map(({ text }) => text)
}

/** @returns what it said it published */
async function seed(): Promise<string[]> {
  const lines: string[] = []
  await seedDemo({ apiUrl, home, log: (line) => lines.push(line) })
  return lines
}

/** The demo users as the site knows them. */
async function demoPeople() {
  const { users } = JSON.parse(await readFile(recordFile, 'utf8')) as SeedRecord
  const logIn = ([username, { password }]: [string, { password: string }]) =>
    api().sessions.logIn({ username, password })
  return (await Promise.all(Object.entries(users).map(logIn))).map(({ user }) => user)
}

/** What they have published, by the public API. */
async function publishedVideos(): Promise<{ id: number; title: string }[]> {
  const people = await demoPeople()
  const lists = await Promise.all(people.map(({ id }) => api().videos.listByAuthor({ id, limit: 100 as never })))
  return lists.flatMap(({ items }) => items).map(({ id, title }) => ({ id, title }))
}
