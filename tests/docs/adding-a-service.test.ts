import { existsSync, openAsBlob } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { videoPublished } from '@fanone/contracts'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { clipFile, randomName } from '../support/community.ts'
import { publishThrough } from '../support/faults.ts'
import { type Installation, newInstallation } from '../support/installation.ts'
import { isFull } from '../support/sampling.ts'
import { invokeAs, sidecarOf } from '../support/sidecars.ts'
import { eventually, root, sumMetric } from '../support/stack.ts'
import { type CodeBlock, codeBlocks } from './markdown.ts'

// The guides are followed word for word in a copy of the checkout; what they build runs there.

const running = ['gateway', 'user', 'video', 'relation', 'diary']

let copy: string
let installation: Installation
const guides: Record<string, CodeBlock[]> = {}
const editsOf = (guide: string) => editedFiles(guides[guide] ?? [])

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'fanone-copy-'))
  await copyCheckout(copy)
  guides.service = codeBlocks(await readPage('adding-a-service.md'))
  const [event = '', consumer = ''] = (await readPage('adding-an-event.md')).split('\n## A further consumer\n')
  guides.event = codeBlocks(event)
  guides.consumer = codeBlocks(consumer)
  const [operation = '', route = ''] = (await readPage('adding-a-public-route.md')).split('\n## The public route\n')
  guides.operation = codeBlocks(operation)
  guides.route = codeBlocks(route)
  await followAll(Object.values(guides).flat())
  installation = await newInstallation({ checkout: copy, env: { FANONE_DAPR_YAML: await smallDaprYaml() } })
}, 240_000)

afterAll(async () => {
  await installation?.remove()
  await rm(copy, { recursive: true, force: true })
})

test('the guides take as many edits by hand as they say', async () => {
  const service = await readPage('adding-a-service.md')
  const event = await readPage('adding-an-event.md')
  const outside = editsOf('service').filter((file) => !file.startsWith('services/diary/'))
  expect(outside).toHaveLength(2)
  expect(service).toContain(`**${outside.length} edits outside the service's own folder**`)
  expect(event).toContain(`with one consumer takes **${editsOf('event').length} edits**`)
  expect(event).toContain(`each further consumer **${editsOf('consumer').length} edits**`)
  const route = await readPage('adding-a-public-route.md')
  expect(route).toContain(`An operation inside takes **${editsOf('operation').length} edits**`)
  expect(route).toContain(`in a noun that exists **${editsOf('route').length} edits** more`)
  expect(['event', 'consumer', 'operation', 'route'].map((guide) => editsOf(guide).length)).toEqual([4, 2, 3, 2])
})

test('what they show passes the checks of the repository', async () => {
  const types = await inCopy('tsc', '--noEmit')
  expect(types.exitCode, types.all).toBe(0)
  const touched = editedFiles(Object.values(guides).flat())
  const format = await inCopy('biome', 'ci', '--colors=off', ...touched, 'packages/contracts/src')
  expect(format.exitCode, format.all).toBe(0)
  const boundaries = await inCopy('depcruise', 'services/diary')
  expect(boundaries.exitCode, boundaries.all).toBe(0)
}, 240_000)

test('what is generated is complete', async () => {
  const { exitCode, all } = await inCopy('vitest', 'run', '--project', 'unit', 'scripts/generate', '--reporter=dot')
  expect(exitCode, all).toBe(0)
  const reference = await readFile(join(copy, 'docs/reference.md'), 'utf8')
  expect(reference).toMatch(/`video\.published`.*\| video, feed, .*diary \|/)
  expect(reference).toMatch(/`user\.registered`.*\| user \| video, diary \|/)
}, 240_000)

test('it starts and writes a line for each event, and one only for an event that comes twice', async () => {
  const { exitCode, output } = await installation.run('start', '--no-demo', '--no-monitoring')
  expect(exitCode, output).toBe(0)
  const { video, username } = await publishVideo()
  await eventually(async () => (await linesOf(video.authorId)).length === 2)
  expect(await linesOf(video.authorId)).toMatchObject([
    { text: `published "${video.title}"` },
    { text: `joined as "${username}"` },
  ])

  const { id, authorId, title } = { id: 4_711, authorId: 4_712, title: 'delivered twice' }
  const keys = { videoKey: 'none/video.mp4', coverKey: 'none/cover.jpg' }
  const size = { durationMs: 1, width: 1, height: 1, version: 1 }
  const times = { createdAt: video.createdAt, updatedAt: video.updatedAt }
  const data = videoPublished.data.parse({ videoId: id, authorId, title, description: '', ...keys, ...size, ...times })
  const event = { id: randomName('event'), type: videoPublished.type, aggregateId: id, data }
  await publishThrough(await sidecar('video'), videoPublished.topic, [event, event])
  await eventually(async () => (await countEvents('diary', 'video.published', 'duplicate')) === 1)
  expect(await linesOf(authorId)).toMatchObject([{ text: 'published "delivered twice"' }])
}, 240_000)

test('the further consumer takes the event, too', async () => {
  await eventually(async () => (await countEvents('video', 'user.registered', 'handled')) === 1)
})

test('the public route answers', async () => {
  const { video } = await publishVideo()
  const url = `http://127.0.0.1:${port(8080)}/v1/users/${video.authorId}/follow-count`
  await eventually(async () => (await fetch(url)).status === 200)
  expect(await (await fetch(url)).json()).toEqual({ following: 0, followers: 0 })
})

const readPage = (name: string) => readFile(join(root, 'docs', name), 'utf8')

/** The files that blocks make or change. */
function editedFiles(blocks: CodeBlock[]): string[] {
  const files = blocks.flatMap(({ language, attributes, text }) => {
    if (language === 'diff') return [...text.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, file = '']) => file)
    return attributes.file ?? attributes.append ?? attributes.into ?? []
  })
  return [...new Set(files)]
}

/** The generated dapr.yaml with those services only that are needed here. */
async function smallDaprYaml(): Promise<string> {
  const file = join(copy, 'dapr.small.yaml')
  const { apps, ...rest } = parse(await readFile(join(copy, 'dapr.yaml'), 'utf8')) as { apps: { appID: string }[] }
  const chosen = apps.filter(({ appID }) => running.includes(appID))
  expect(chosen).toHaveLength(running.length)
  await writeFile(file, stringify({ ...rest, apps: chosen }))
  return file
}

async function countEvents(appId: string, topic: string, outcome: string): Promise<number> {
  const { appPort } = await sidecar(appId)
  const text = await (await fetch(`http://127.0.0.1:${appPort}/metrics`)).text()
  return sumMetric(text, 'fanone_events_consumed_total', { topic, outcome })
}

/**
 * Every file that git does not ignore; npm's packages as hard links, which cost nothing, without
 * what others write there meanwhile.
 */
async function copyCheckout(target: string): Promise<void> {
  const { stdout } = await execa('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root })
  // A file may be deleted and the deletion not committed yet.
  const files = stdout.split('\n').filter((file) => existsSync(join(root, file)))
  await execa('cp', ['--parents', '-t', target, ...files], { cwd: root })
  const packages = (await readdir(join(root, 'node_modules'))).filter((name) => name !== '.cache')
  await mkdir(join(target, 'node_modules'))
  await execa('cp', ['-al', '-t', join(target, 'node_modules'), ...packages], { cwd: join(root, 'node_modules') })
  // npm rewrites this one in place, and ignores it where it is newer than the packages.
  const versions = 'node_modules/.package-lock.json'
  await rm(join(target, versions))
  await cp(join(root, versions), join(target, versions), { preserveTimestamps: true })
}

/** Runs one of the repository's own programs in the copy. */
const inCopy = (program: string, ...args: string[]) =>
  execa(program, args, { cwd: copy, preferLocal: true, localDir: copy, reject: false, all: true })

const GENERATE = /^npm run generate\b.*$/gm

/**
 * Follows blocks. A quick round generates once, behind the last edit, which writes all of it; the
 * full count as often as the guides say.
 */
async function followAll(blocks: readonly CodeBlock[]): Promise<void> {
  const last = blocks.findLast(({ language, text }) => language === 'sh' && text.match(GENERATE))
  for (const block of blocks)
    await follow(isFull || block === last ? block : { ...block, text: withoutGenerate(block) })
}

const withoutGenerate = ({ language, text }: CodeBlock) => (language === 'sh' ? text.replaceAll(GENERATE, '') : text)

/** Follows a block: makes a file, appends to one, patches one, or runs commands. */
async function follow({ language, attributes, text }: CodeBlock): Promise<void> {
  if (attributes.file !== undefined) {
    await mkdir(dirname(join(copy, attributes.file)), { recursive: true })
    await writeFile(join(copy, attributes.file), text, { flag: 'wx' })
  } else if (attributes.append !== undefined) {
    await appendFile(join(copy, attributes.append), text)
  } else if (attributes.into !== undefined) {
    const lines = (await readFile(join(copy, attributes.into), 'utf8')).split('\n')
    const at = lines.flatMap((line, index) => (line.includes(attributes.after ?? '') ? [index] : []))
    expect(at, `lines of ${attributes.into} that hold ${attributes.after}`).toHaveLength(1)
    lines.splice((at[0] ?? 0) + 1, 0, text.trimEnd())
    await writeFile(join(copy, attributes.into), lines.join('\n'))
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
  const username = randomName()
  const api = `http://127.0.0.1:${port(8080)}/v1`
  const signedUp = await fetch(`${api}/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: randomName() }),
  })
  const { tokens } = (await signedUp.json()) as { tokens: { accessToken: string } }
  const form = new FormData()
  form.set('title', 'the first entry')
  form.set('description', '')
  form.set('file', await openAsBlob(await clipFile(), { type: 'video/mp4' }), 'clip.mp4')
  const headers = { authorization: `Bearer ${tokens.accessToken}` }
  const published = await fetch(`${api}/videos`, { method: 'POST', headers, body: form })
  expect(published.status).toBe(201)
  const video = (await published.json()) as Record<'authorId', number> &
    Record<'title' | 'createdAt' | 'updatedAt', string>
  return { video, username }
}

/** What the diary answers to the gateway, which the guide lets ask. */
async function linesOf(authorId: number): Promise<unknown[]> {
  const response = await invokeAs(await sidecar('gateway'), 'diary', 'lines.list', { authorId, limit: 10 })
  expect(response.status).toBe(200)
  return (JSON.parse(response.text) as { items: unknown[] }).items
}

const sidecar = (appId: string) => sidecarOf(appId, { ...installation, root: copy })

const port = (written: number) => written + installation.portBase - 7000
