import { existsSync, openAsBlob } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { videoPublished } from '@fanone/contracts'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clipFile, randomName } from '../support/community.ts'
import { publishThrough } from '../support/faults.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { invokeAs, sidecarOf } from '../support/sidecars.ts'
import { eventually, root, sumMetric } from '../support/stack.ts'
import { type CodeBlock, codeBlocks } from './markdown.ts'

// The guide is followed in a copy of the checkout, word for word; what it builds then runs there.

let copy: string
let blocks: CodeBlock[]
let installation: Installation

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'fanone-copy-'))
  await copyCheckout(copy)
  blocks = codeBlocks(await readFile(join(copy, 'docs/adding-a-service.md'), 'utf8'))
  for (const block of blocks) await follow(block)
  installation = await newInstallation({ checkout: copy })
}, 120_000)

afterAll(async () => {
  await installation?.remove()
  await rm(copy, { recursive: true, force: true })
})

test('the guide makes a whole service', () => {
  const files = blocks.flatMap(({ attributes }) => attributes.file ?? attributes.append ?? [])
  for (const file of [
    'packages/contracts/src/diary.ts',
    'services/diary/src/main.ts',
    'dapr/access/diary.yaml',
    'dapr.yaml',
  ])
    expect(files).toContain(file)
})

test('what it shows passes the checks of the repository', async () => {
  const touched = ['services/diary', 'packages/contracts/src/diary.ts', 'packages/contracts/src/index.ts']
  const types = await inCopy('tsc', '--noEmit')
  expect(types.all.split('\n').filter((line) => line.includes('diary'))).toEqual([])
  const format = await inCopy('biome', 'ci', '--colors=off', ...touched)
  expect(format.exitCode, format.all).toBe(0)
  const boundaries = await inCopy('depcruise', 'services/diary')
  expect(boundaries.exitCode, boundaries.all).toBe(0)
}, 120_000)

test('what it allows is what the contracts and the subscriptions need', async () => {
  const { exitCode, all } = await inCopy('vitest', 'run', '--project', 'unit', 'scripts/docs', '--reporter=dot')
  expect(exitCode, all).toBe(0)
}, 120_000)

test('npm run docs has taken it into the reference', async () => {
  const reference = await readFile(join(copy, 'docs/reference.md'), 'utf8')
  expect(reference).toMatch(/`video\.published`.*\| video, feed, .*diary \|/)
})

test('it starts, writes a line for each published video, and one only for an event that comes twice', async () => {
  const { exitCode, output } = await installation.run('start', '--no-demo')
  expect(exitCode, output).toBe(0)
  const video = await publishVideo()
  await eventually(async () => (await linesOf(video.authorId)).length === 1)
  expect(await linesOf(video.authorId)).toEqual([
    { videoId: video.id, text: `published "${video.title}"`, writtenAt: expect.any(String) },
  ])

  const { id, authorId, title } = { id: 4_711, authorId: 4_712, title: 'told twice' }
  const keys = { videoKey: 'none/video.mp4', coverKey: 'none/cover.jpg' }
  const size = { durationMs: 1, width: 1, height: 1, version: 1 }
  const times = { createdAt: video.createdAt, updatedAt: video.updatedAt }
  const data = videoPublished.data.parse({ videoId: id, authorId, title, description: '', ...keys, ...size, ...times })
  const event = { id: randomName('event'), type: videoPublished.type, aggregateId: id, data }
  await publishThrough(await sidecar('video'), videoPublished.topic, [event, event])
  await eventually(async () => {
    const text = await (await fetch(`http://127.0.0.1:${port(7170)}/metrics`)).text()
    return sumMetric(text, 'fanone_events_consumed_total', { topic: 'video.published', outcome: 'duplicate' }) === 1
  })
  expect(await linesOf(authorId)).toMatchObject([{ videoId: id, text: 'published "told twice"' }])
}, 180_000)

/** What git knows and what it does not ignore; npm's packages as hard links, so that the copy costs next to nothing. */
async function copyCheckout(target: string): Promise<void> {
  const { stdout } = await execa('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root })
  // A file may be deleted and the deletion not committed yet.
  const files = stdout.split('\n').filter((file) => existsSync(join(root, file)))
  await execa('cp', ['--parents', '-t', target, ...files], { cwd: root })
  await execa('cp', ['-al', join(root, 'node_modules'), join(target, 'node_modules')])
  // npm rewrites this one, which as a hard link would be the checkout's too, and believes it only if it is not newer than the packages.
  const packages = 'node_modules/.package-lock.json'
  await rm(join(target, packages))
  await cp(join(root, packages), join(target, packages), { preserveTimestamps: true })
  await rm(join(target, 'node_modules/.cache'), { recursive: true, force: true })
}

/** Runs one of the repository's own programs in the copy. */
const inCopy = (program: string, ...args: string[]) =>
  execa(program, args, { cwd: copy, preferLocal: true, localDir: copy, reject: false, all: true })

/** Does what a block says: makes a file, appends to one, changes one, or runs commands. The others are for reading. */
async function follow({ language, attributes, text }: CodeBlock): Promise<void> {
  if (attributes.file !== undefined) {
    await mkdir(dirname(join(copy, attributes.file)), { recursive: true })
    await writeFile(join(copy, attributes.file), text, { flag: 'wx' })
  } else if (attributes.append !== undefined) {
    await appendFile(join(copy, attributes.append), text)
  } else if (language === 'diff') {
    // Lines around the change may move; what is changed must be there.
    await execa('git', ['apply', '--recount', '-C1'], {
      cwd: copy,
      input: text,
      env: { GIT_CEILING_DIRECTORIES: tmpdir() },
    })
  } else if (language === 'sh') {
    const env = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' }
    await execa('bash', ['-ec', text], { cwd: copy, env })
  }
}

async function publishVideo() {
  const api = `http://127.0.0.1:${port(8080)}/v1`
  const signedUp = await fetch(`${api}/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: randomName(), password: randomName() }),
  })
  const { tokens } = (await signedUp.json()) as { tokens: { accessToken: string } }
  const form = new FormData()
  form.set('title', 'the first entry')
  form.set('description', '')
  form.set('file', await openAsBlob(await clipFile(), { type: 'video/mp4' }), 'clip.mp4')
  const headers = { authorization: `Bearer ${tokens.accessToken}` }
  const published = await fetch(`${api}/videos`, { method: 'POST', headers, body: form })
  expect(published.status).toBe(201)
  return (await published.json()) as Record<'id' | 'authorId', number> &
    Record<'title' | 'createdAt' | 'updatedAt', string>
}

/** What the diary answers to the gateway, which the guide lets ask. */
async function linesOf(authorId: number): Promise<unknown[]> {
  const response = await invokeAs(await sidecar('gateway'), 'diary', 'lines.list', { authorId, limit: 10 })
  expect(response.status).toBe(200)
  return (JSON.parse(response.text) as { items: unknown[] }).items
}

const sidecar = (appId: string) => sidecarOf(appId, { ...installation, root: copy })

const port = (written: number) => written + installation.portBase - 7000
