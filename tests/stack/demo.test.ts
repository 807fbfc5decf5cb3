import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { demoClips, demoUsers } from '../../scripts/demo/community.ts'
import { seedDemo } from '../../scripts/demo/seed.ts'
import { api, newMember, scrollFeed } from '../support/community.ts'
import { apiUrl, eventually, home } from '../support/stack.ts'

const recordFile = join(home, 'data/demo.json')

interface SeedRecord {
  users: Record<string, { password: string; published: string[] }>
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
  await writeFile(recordFile, JSON.stringify(record))
  expect(await seed()).toEqual([])
  expect(await publishedVideos()).toEqual(before)
})

/** @returns what it said it published */
async function seed(): Promise<string[]> {
  const lines: string[] = []
  await seedDemo({ apiUrl, home, log: (line) => lines.push(line) })
  return lines
}

/** What the demo users have published, by the public API. */
async function publishedVideos(): Promise<{ id: number; title: string }[]> {
  const { users } = JSON.parse(await readFile(recordFile, 'utf8')) as SeedRecord
  const videos = Object.entries(users).map(async ([username, { password }]) => {
    const { user } = await api().sessions.logIn({ username, password })
    return (await api().videos.listByAuthor({ id: user.id, limit: 100 as never })).items
  })
  return (await Promise.all(videos)).flat().map(({ id, title }) => ({ id, title }))
}
