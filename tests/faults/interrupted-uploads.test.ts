import { randomInt } from 'node:crypto'
import { readdir, readFile, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sandboxedPids } from '@fanone/sandbox/usage'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startBeside } from '../support/beside.ts'
import { clipFile, type Member, newMember, publish } from '../support/community.ts'
import { killAndAwait } from '../support/faults.ts'
import { scaled } from '../support/sampling.ts'
import { eventually, healthy, home, kill9 } from '../support/stack.ts'
import {
  mediaStore,
  openUpload,
  padded,
  publishedBy,
  restingFiles,
  storedFiles,
  uploadFile,
} from '../support/uploads.ts'

/** Services start several times in here. */
const patience = { timeout: 180_000 }
const cuts = scaled({ quick: 10, full: 100 })
const workFolder = join(home, 'run/media-work')
const twoDaysAgo = Date.now() / 1_000 - 2 * 86_400

let member: Member
let clip: Buffer
beforeAll(async () => {
  member = await newMember('interrupted')
  clip = await readFile(await clipFile())
})
afterAll(() => healthy())

test('clients that vanish at any byte leave nothing behind', async () => {
  const file = padded(clip, 400_000)
  const before = await restingFiles()
  for (let round = 0; round < cuts; round++) {
    const { request, head, tail } = openUpload(member, { fileBytes: file.length })
    request.on('error', () => undefined)
    const body = Buffer.concat([head, file, tail])
    // All but the last byte is still an upload that is not complete.
    const sentBytes = randomInt(1, body.length)
    request.write(body.subarray(0, sentBytes), () => request.destroy())
    await new Promise((closed) => request.once('close', closed))
  }
  await eventually(async () => {
    expect(await storedFiles()).toEqual(before)
    return true
  })
  expect(await publishedBy(member)).toEqual([])
})

test(
  'what a killed gateway leaves is swept by the janitor when it is old enough, and nothing else',
  patience,
  async () => {
    const published = await publish(member)
    const before = await storedFiles()
    const { request, head } = openUpload(member, { fileBytes: 10_000_000 })
    request.on('error', () => undefined)
    request.write(Buffer.concat([head, Buffer.alloc(2_000_000)]))
    await eventually(async () => (await storedFiles()).length > before.length, { what: 'the upload has begun' })
    await killAndAwait('gateway')
    const left = (await storedFiles()).filter((file) => !before.includes(file))
    expect(left).toEqual([expect.stringMatching(/^\.incoming\//)])

    const janitor = await startBeside('video', {
      settings: { MEDIA_SWEEP_SECONDS: '1', MEDIA_GRACE_SECONDS: '86400' },
    })
    onTestFinished(() => janitor.stop())
    const file = join(mediaStore, left[0] as string)
    await janitor.logged('searched for abandoned media')
    expect(await storedFiles()).toContain(left[0])
    await utimes(file, twoDaysAgo, twoDaysAgo)
    // As old as can be, but of a public video.
    const folder = new URL('.', published.videoUrl).pathname.slice(1)
    const media = before.filter((kept) => kept.startsWith(folder))
    expect(media).toHaveLength(2)
    for (const kept of media) await utimes(join(mediaStore, kept), twoDaysAgo, twoDaysAgo)
    await eventually(async () => !(await storedFiles()).includes(left[0] as string))
    expect(await storedFiles()).toEqual(expect.arrayContaining(media))
    expect((await fetch(published.videoUrl)).status).toBe(200)
  },
)

test(
  'video killed in the middle of examining leaves no program and no folder, and the upload becomes one video',
  patience,
  async () => {
    const temporary = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('fanone-media'))
    const before = await temporary()
    member = await newMember('killed')
    const answer = uploadFile(member, padded(clip, 1_000_000))
    await eventually(async () => (await sandboxedPids(workFolder)).length > 0, { intervalMs: 1 })
    const pid = await kill9('video')
    await eventually(async () => (await sandboxedPids(workFolder)).length === 0, { what: 'ffmpeg has ended, too' })
    await healthy('video', { not: pid })
    // If video starts slowly, the gateway gives up and the client may send it again.
    const { status, json } = await answer
    expect([201, 503]).toContain(status)
    if (status === 201) expect(await publishedBy(member)).toEqual([(json as { id: number }).id])
    // Where the gateway has given up, another examination may go on.
    await eventually(async () => {
      expect([await temporary(), await readdir(workFolder)]).toEqual([before, []])
      return true
    })
  },
)
