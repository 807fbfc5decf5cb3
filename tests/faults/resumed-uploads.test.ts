import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { V1Video } from '@fanone/contracts/gateway'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clipFile, type Member, newMember, publish } from '../support/community.ts'
import { killAndAwait } from '../support/faults.ts'
import { send } from '../support/http.ts'
import { watchMemory } from '../support/memory.ts'
import { announceSeed, isFull, scaled, seed } from '../support/sampling.ts'
import { apiUrl, eventually, healthy } from '../support/stack.ts'
import { mediaStore, paddingHeader, publishedBy, storedFiles } from '../support/uploads.ts'
import { seededRandom } from './ledger/random.ts'
import type { Order } from './tus-client-process.ts'

const MIB = 1024 ** 2
const random = seededRandom(seed)
const minutes = (count: number) => count * 60_000

let member: Member
let folder: string
/** All that was stored before. */
let before: string[]
/**
 * What is stored of finished uploads. A client that is killed before it wrote down where its upload
 * is begins another, and the first waits for its end.
 */
const finishedFiles = async () => (await storedFiles()).filter((name) => !name.startsWith('.growing/'))
beforeAll(async () => {
  announceSeed('resumed uploads')
  await healthy()
  member = await newMember('resumed')
  folder = await mkdtemp(join(tmpdir(), 'fanone-resumed-'))
  // What is loaded and reserved with the first upload is not what this is about.
  await publish(member)
  before = await finishedFiles()
})
afterAll(async () => {
  await healthy()
  await rm(folder, { recursive: true })
})

/** A video padded with bytes that no two pieces share, and its checksum. */
async function makeFile(sizeBytes: number): Promise<{ path: string; sha256: string }> {
  const path = join(folder, `${sizeBytes}.mp4`)
  const clip = await readFile(await clipFile())
  const hash = createHash('sha256')
  const file = await open(path, 'w')
  const add = async (bytes: Uint8Array) => {
    hash.update(bytes)
    await file.write(bytes)
  }
  await add(clip)
  await add(paddingHeader(sizeBytes - clip.length))
  for (let left = sizeBytes - clip.length - 16; left > 0; left -= MIB) await add(randomBytes(Math.min(left, MIB)))
  await file.close()
  return { path, sha256: hash.digest('hex') }
}

const idOf = (url: string) => new URL(url).pathname.split('/').at(-1) ?? ''

/** How much is on the disk of what grows, of an upload or of the only one. */
async function bytesOnDisk(id?: string): Promise<number> {
  const growing = (await storedFiles()).filter((name) => name.startsWith(`.growing/uploads/${id ?? ''}`))
  return growing[0] ? (await stat(join(mediaStore, growing[0]))).size : 0
}

/** Publishes an upload, compares what is played with what was sent, and deletes it. */
async function expectVideo(uploadId: string, { sizeBytes, sha256 }: { sizeBytes: number; sha256: string }) {
  const { accessToken: token } = member.tokens
  const { status, json } = await send('POST', '/v1/videos', { token, json: { uploadId, title: 'resumed' } })
  expect(status, JSON.stringify(json)).toBe(201)
  const video = json as V1Video
  expect(video.sizeBytes).toBe(sizeBytes)
  const played = createHash('sha256')
  await pipeline((await fetch(video.videoUrl)).body as never, played)
  expect(played.digest('hex')).toBe(sha256)
  expect(await publishedBy(member)).toHaveLength(2)
  expect(await bytesOnDisk(uploadId)).toBe(0)
  const added = (await finishedFiles()).filter((name) => !before.includes(name))
  expect(added).toEqual([`media/${uploadId}/cover.jpg`, `media/${uploadId}/video.mp4`])
  await member.api.videos.delete({ id: video.id })
  expect(await finishedFiles()).toEqual(before)
}

/** A client of its own, started again until it is done. */
function startClient(order: Order) {
  let client: ChildProcess
  const done = Promise.withResolvers<string>()
  const start = () => {
    const script = join(import.meta.dirname, 'tus-client-process.ts')
    client = spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    client.stdout?.on('data', (text) => {
      said += text
    })
    client.once('close', (code, signal) => {
      if (code === 0) done.resolve(said.trim())
      else if (signal !== 'SIGKILL') done.reject(new Error(`the client ended with ${code}`))
    })
  }
  start()
  return {
    url: done.promise,
    async killAndStartAgain() {
      client.kill('SIGKILL')
      await once(client, 'close')
      start()
    },
    end: () => client.kill('SIGKILL'),
  }
}

const sizeBytes = (isFull ? 1024 : 48) * MIB
const kills = scaled({ quick: 1, full: 3 })

test(`gateway, video and client are each killed ${kills} times: the upload goes on, becomes one video, and nothing is left`, {
  timeout: minutes(isFull ? 15 : 4),
}, async () => {
  const { path, sha256 } = await makeFile(sizeBytes)
  const { accessToken: token } = member.tokens
  const order = { token, file: path, sizeBytes, sha256, chunkBytes: 2 * MIB, memory: join(folder, 'urls.json') }
  const client = startClient({ ...order, endpoint: `${apiUrl}/v1/uploads` })
  const victims = random.shuffle(['gateway', 'video', 'client'].flatMap((name) => Array<string>(kills).fill(name)))
  const grown = await watchMemory()
  try {
    for (const [index, victim] of victims.entries()) {
      const at = ((index + 1) / (victims.length + 2)) * sizeBytes
      await eventually(async () => (await bytesOnDisk()) >= at, { timeoutMs: minutes(2), intervalMs: 5 })
      if (victim === 'client') await client.killAndStartAgain()
      else await killAndAwait(victim)
    }
    const url = await client.url
    const growth = await grown()
    if (isFull) {
      for (const [name, bytes] of growth)
        expect(bytes, `${name} grew by ${Math.round(bytes / MIB)} MiB`).toBeLessThan(64 * MIB)
    }
    await expectVideo(idOf(url), { sizeBytes, sha256 })
  } finally {
    client.end()
  }
})

const cuts = scaled({ quick: 2, full: 50 })
const cutBytes = (isFull ? 256 : 24) * MIB

test(`R17: the gateway is killed ${cuts} times at a byte of chance; what it says is there is on the disk, and at most one piece comes again`, {
  timeout: minutes(isFull ? 40 : 4),
}, async () => {
  const { path, sha256 } = await makeFile(cutBytes)
  const bytes = await readFile(path)
  const authorization = `Bearer ${member.tokens.accessToken}`
  const tus = { authorization, 'Tus-Resumable': '1.0.0' }
  const headers = { ...tus, 'Upload-Length': String(cutBytes), 'Upload-Metadata': metadata({ sha256 }) }
  const begun = await fetch(`${apiUrl}/v1/uploads`, { method: 'POST', headers })
  const url = new URL(begun.headers.get('location') ?? '', apiUrl).href
  let offset = 0
  for (let cut = 0; offset < cutBytes; ) {
    const piece = bytes.subarray(offset, offset + (1 + random.below(8)) * MIB)
    // Cuts are spread over the file, one a piece at most.
    const isCut = cut < cuts && offset >= (cut / cuts) * cutBytes - 8 * MIB
    if (isCut) cut += 1
    const answered = await append(url, {
      tus,
      offset,
      piece,
      killAfter: isCut ? random.below(piece.length) : undefined,
    })
    const said = await eventually(() => offsetOf(url, tus), { timeoutMs: 60_000 })
    if (said < cutBytes) expect(await bytesOnDisk(idOf(url))).toBe(said)
    expect(said).toBeGreaterThanOrEqual(answered ? offset + piece.length : offset)
    expect(said).toBeLessThanOrEqual(offset + piece.length)
    offset = said
  }
  await expectVideo(idOf(url), { sizeBytes: cutBytes, sha256 })
})

const metadata = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',')

async function offsetOf(url: string, tus: Record<string, string>): Promise<number> {
  const answer = await fetch(url, { method: 'HEAD', headers: tus })
  if (answer.status !== 200) throw new Error(`HEAD answered ${answer.status}`)
  return Number(answer.headers.get('upload-offset'))
}

/** Sends a piece, and kills the gateway after some bytes of it. @returns whether it was taken */
async function append(
  url: string,
  options: { tus: Record<string, string>; offset: number; piece: Buffer; killAfter: number | undefined },
): Promise<boolean> {
  const { tus, offset, piece, killAfter } = options
  const sent = httpRequest(url, {
    method: 'PATCH',
    agent: false,
    headers: {
      ...tus,
      'Upload-Offset': offset,
      'Content-Type': 'application/offset+octet-stream',
      'Content-Length': piece.length,
    },
  })
  const taken = once(sent, 'response').then(
    ([response]) => response.resume().statusCode === 204,
    () => false,
  )
  if (killAfter === undefined) {
    sent.end(piece)
    const isTaken = await taken
    expect(isTaken).toBe(true)
    return isTaken
  }
  await new Promise((written) => sent.write(piece.subarray(0, killAfter), written))
  await killAndAwait('gateway')
  return await taken
}
