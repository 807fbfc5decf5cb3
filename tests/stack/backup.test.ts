import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Video } from '@fanone/contracts/gateway'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backupsIn, openBackup } from '../../scripts/backup/backup-folder.ts'
import { isRunning, readRecords } from '../../scripts/stack/processes.ts'
import type { PartStatus } from '../../scripts/stack/supervised.ts'
import { type Api, api, GOOD_PASSWORD, pairOf, publish, randomName } from '../support/community.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { scaled } from '../support/sampling.ts'
import { eventually, root } from '../support/stack.ts'

// One story: people act, a backup is taken meanwhile, everything is lost and restored.

/** How long people have acted when the backup begins, and how many they are. */
const PEOPLE = scaled({ quick: 3, full: 12 })
const ACTS_BEFORE = scaled({ quick: 60, full: 3_000 })
const PATIENCE = { timeoutMs: 120_000 }

interface Person {
  id: number
  username: string
  token: string
  api: Api
  video: V1Video
  /** Of the file that is played. */
  digest: string
}

/** What somebody was told is done. */
interface Act {
  kind: 'comment' | 'like' | 'follow'
  by: number
  /** The video or the user. */
  on: number
  text: string
  state: 'sent' | 'done'
}

let installation: Installation
/** Not in the home, which gets lost. */
let elsewhere: string
const people: Person[] = []
const acts: Act[] = []

beforeAll(async () => {
  installation = await newInstallation({ checkout: root, env: { IMAGE_SEARCH: 'off' } })
  elsewhere = await mkdtemp(join(tmpdir(), 'fanone-backups-'))
})
afterAll(async () => {
  await installation.remove()
  await rm(elsewhere, { recursive: true, force: true })
})

test('a backup needs an installation that runs, a restore a folder that is a backup', async () => {
  expect(await installation.run('backup', elsewhere)).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('not running'),
  })
  expect(await installation.run('restore', elsewhere)).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('is no backup'),
  })
})

test('what was acknowledged before a backup is there after everything was lost, and counters are the rows', async () => {
  await started()
  for (let index = 0; index < PEOPLE; index++) people.push(await newPerson())
  const before = await takeBackupWhilePeopleAct()
  const [name = ''] = await backupsIn(elsewhere)
  const folder = join(elsewhere, name)
  const description = await openBackup(folder)
  expect(description.media.missing).toEqual([])
  expect(description.events.messages).toBeGreaterThan(0)

  expect(await installation.run('restore', folder, '--yes')).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('npm stop'),
  })
  await loseEverything()
  await killRestores(folder)
  const restored = await installation.run('restore', folder)
  expect(restored, restored.output).toMatchObject({ exitCode: 0 })
  await started()
  await expectEverything(before)
}, 600_000)

async function started(): Promise<void> {
  const { exitCode, output } = await installation.run('start', '--no-demo', '--no-monitoring')
  expect(exitCode, output).toBe(0)
}

const at = (token?: string, headers: Record<string, string> = {}) =>
  api(token, headers, `http://127.0.0.1:${installation.portBase + 1_080}`)

async function newPerson(): Promise<Person> {
  const key = { 'idempotency-key': randomUUID() }
  const username = randomName()
  const { user, tokens } = await eventually(() =>
    at(undefined, key).users.register({ username, password: GOOD_PASSWORD }),
  )
  const token = pairOf(tokens).accessToken
  const own = at(token)
  const { id } = await publish({ api: own })
  const video = await eventually(async () => {
    const found = await own.videos.get({ id })
    return found.state === 'ready' && found
  }, PATIENCE)
  return { id: user.id, username, token, api: own, video, digest: await digestOf(video.videoUrl) }
}

/**
 * Stats stands still, so that there are events that nobody has handled when the backup is taken.
 *
 * @returns the acts that were done before it began
 */
async function takeBackupWhilePeopleAct(): Promise<Act[]> {
  const { parts } = JSON.parse((await installation.run('status', '--json')).stdout) as { parts: PartStatus[] }
  const stats = parts.find(({ part }) => part === 'stats')?.pid as number
  process.kill(stats, 'SIGSTOP')
  const isOver = { value: false }
  const acting = people.map((person) => act(person, isOver))
  try {
    await eventually(() => acts.filter(({ state }) => state === 'done').length >= ACTS_BEFORE, PATIENCE)
    const before = acts.filter(({ state }) => state === 'done')
    const { exitCode, output } = await installation.run('backup', elsewhere)
    expect(exitCode, output).toBe(0)
    return before
  } finally {
    isOver.value = true
    await Promise.all(acting)
    process.kill(stats, 'SIGCONT')
  }
}

/** Follows and likes everybody once, and goes on commenting. */
async function act(person: Person, isOver: { value: boolean }): Promise<void> {
  const others = people.filter((one) => one !== person)
  for (let turn = 0; !isOver.value; turn++) {
    const other = others[turn % others.length] as Person
    const isFirst = turn < others.length
    if (isFirst) await doing(person, 'follow', other.id, () => person.api.relations.follow({ id: other.id }))
    const { id } = other.video
    if (isFirst) await doing(person, 'like', id, () => person.api.likes.video.put({ id }))
    await doing(person, 'comment', id, (text) => person.api.comments.create({ id, text }))
  }
}

async function doing(
  { id: by }: Person,
  kind: Act['kind'],
  on: number,
  call: (text: string) => Promise<unknown>,
): Promise<void> {
  const one: Act = { kind, by, on, text: randomName('text'), state: 'sent' }
  acts.push(one)
  await call(one.text).then(
    () => {
      one.state = 'done'
    },
    () => sleep(100), // unknown; a service that has to wait says so
  )
}

async function loseEverything(): Promise<void> {
  expect((await installation.run('stop')).exitCode).toBe(0)
  for (const name of ['data', 'secrets', 'run', 'logs']) await rm(join(installation.home, name), { recursive: true })
}

/** Ends restores with -9 while they are at it; the next begins anew. */
async function killRestores(folder: string): Promise<void> {
  const stage = join(installation.home, 'restoring')
  const running = () => readRecords(join(stage, 'run/processes.json')).filter(isRunning)
  const hasServers = () => ['mysql', 'kafka'].every((name) => running().some(({ part }) => part === name))
  const moments = [hasServers, () => existsSync(join(stage, 'data/mysql'))]
  for (const isAtIt of moments.slice(0, scaled({ quick: 1, full: 2 }))) {
    const restoring = installation.run('restore', folder)
    const own = await eventually(() => isAtIt() && running().find(({ part }) => part === 'restore'), PATIENCE)
    process.kill(own.pid, 'SIGKILL')
    await restoring
    expect(existsSync(join(installation.home, 'data'))).toBe(false)
  }
}

async function expectEverything(before: readonly Act[]): Promise<void> {
  for (const { username, token, video, digest } of people) {
    await eventually(() => at().sessions.logIn({ username, password: GOOD_PASSWORD }), PATIENCE)
    const me = await eventually(() => at(token).users.getMe(), PATIENCE)
    expect(me.username).toBe(username)
    await eventually(async () => {
      const { items } = await at().feeds.newest({ limit: 100 as never })
      return items.some(({ id }) => id === video.id)
    }, PATIENCE)
    expect(await eventually(() => digestOf(video.videoUrl))).toBe(digest)
  }
  for (const person of people)
    await eventually(async () => {
      await expectActsOn(person, before)
      return true
    }, PATIENCE)
}

/** All of them, each once; services that have just started may ask to come back. */
async function expectActsOn({ id: userId, video }: Person, before: readonly Act[]): Promise<void> {
  const on = (kind: Act['kind'], id: number, all: readonly Act[]) =>
    all.filter((one) => one.kind === kind && one.on === id)
  const texts = await commentsOf(video.id)
  expect(texts).toEqual(expect.arrayContaining(on('comment', video.id, before).map(({ text }) => text)))
  expect(on('comment', video.id, acts).map(({ text }) => text)).toEqual(expect.arrayContaining(texts))
  expect(new Set(texts).size).toBe(texts.length)
  const { items } = await at().relations.listFollowers({ id: userId, limit: 100 as never })
  expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(on('follow', userId, before).map(({ by }) => by)))
  const { counters } = await at().videos.get({ id: video.id })
  expect(counters.comments).toBe(texts.length)
  expect(counters.likes).toBeGreaterThanOrEqual(on('like', video.id, before).length)
  expect(counters.likes).toBeLessThanOrEqual(on('like', video.id, acts).length)
}

async function commentsOf(id: number): Promise<string[]> {
  const texts: string[] = []
  let cursor: string | undefined
  do {
    const page = await at().comments.list({ id, limit: 100 as never, ...(cursor ? { cursor } : {}) })
    texts.push(...page.items.map(({ text }) => text ?? ''))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  return texts
}

async function digestOf(url: string): Promise<string> {
  const answer = await fetch(url)
  expect(answer.status, url).toBe(200)
  return createHash('sha256')
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest('hex')
}
