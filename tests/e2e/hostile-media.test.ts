import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { V1Video } from '@fanone/contracts/gateway'
import { measureUsage, sandboxedPids } from '@fanone/sandbox/usage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  box,
  externalReference,
  ffmpeg,
  makeClip,
  repeatBoxes,
  replaceBoxes,
  VP9,
} from '../../services/video/src/testing/clips.ts'
import { claimDuration, claimSize, codedSize, webmWithTracks } from '../../services/video/src/testing/forged-media.ts'
import { type Member, newMember } from '../support/community.ts'
import { expectProblem } from '../support/http.ts'
import { watchMemory } from '../support/memory.ts'
import { eventually, home, part } from '../support/stack.ts'
import { publishedBy, storedFiles, uploadFile } from '../support/uploads.ts'

const MIB = 1024 ** 2
const workFolder = join(home, 'run/media-work')
/** Whoever finds this in an answer has got bytes that are none of a picture. */
const canary = 'CANARY-5f1c'

let folder: string
let member: Member
let clip: Buffer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-hostile-media-'))
  member = await newMember('hostile')
  clip = await readFile(await makeClip(join(folder, 'clip.mp4'), { size: '64x48', seconds: 1 }))
})
afterAll(() => rm(folder, { recursive: true }))

const html = Buffer.from(`<!doctype html><script>alert('${canary}')</script>`)
/** The smallest ZIP archive: the end of a central directory, with a comment. */
const zip = Buffer.concat([
  Buffer.from('504b0506', 'hex'),
  Buffer.alloc(16),
  Buffer.from([canary.length, 0]),
  Buffer.from(canary),
])

async function dots(): Promise<Buffer> {
  const options = { size: '16x16', seconds: 0.2, codec: VP9, extra: ['-vf', 'scale=1:1'] }
  return repeatBoxes(await readFile(await makeClip(join(folder, 'dot.mp4'), options)), 'trak', 100_000)
}

async function picture(): Promise<Buffer> {
  await ffmpeg('-f', 'lavfi', '-i', 'testsrc2', '-frames:v', '1', join(folder, 'picture.png'))
  return readFile(join(folder, 'picture.png'))
}

async function longVideo(): Promise<Buffer> {
  const path = join(folder, 'three-hours.mp4')
  await ffmpeg('-f', 'lavfi', '-i', 'color=size=32x32:rate=0.1:duration=10800', '-c:v', 'libx264', path)
  return readFile(path)
}

async function tagged(): Promise<Buffer> {
  await ffmpeg('-i', join(folder, 'clip.mp4'), '-c', 'copy', '-metadata', `title=${canary}`, join(folder, 'tags.mp4'))
  return readFile(join(folder, 'tags.mp4'))
}

/**
 * Uploads and checks what that took of the machine: the programs of video, and every service
 * itself.
 */
async function uploadMeasured(bytes: Buffer) {
  const { pid } = await part('video')
  const grown = await watchMemory()
  const { result, cpuSeconds, peakBytes } = await measureUsage({ parentPid: pid as number, folder: workFolder }, () =>
    uploadFile(member, bytes),
  )
  const growth = await grown()
  expect(cpuSeconds).toBeLessThanOrEqual(30)
  expect(peakBytes).toBeLessThanOrEqual(512 * MIB)
  for (const name of ['gateway', 'video', 'gateway.sidecar', 'video.sidecar'])
    expect((growth.get(name) ?? 0) / MIB, `MiB that ${name} grew by`).toBeLessThan(64)
  expect((await part('video')).pid, 'video lives').toBe(pid)
  expect([await sandboxedPids(workFolder), await readdir(workFolder)], 'nothing is left of the programs').toEqual([
    [],
    [],
  ])
  return result
}

test.each<[string, () => Promise<Buffer> | Buffer]>([
  ['100,000 streams of 1 × 1 pixel', dots],
  ['100,000 streams in a WebM file', () => webmWithTracks(100_000)],
  ['a coded picture of 65,536 × 65,536', () => codedSize(clip, 65_536, 65_536)],
  ['a picture that is in another file', () => replaceBoxes(clip, 'dref', externalReference('../../../../etc/passwd'))],
  ['SVG', () => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)],
  ['PNG', picture],
  ['a web page in front of the video', () => Buffer.concat([html, clip])],
])('%s: refused within the limits, and nothing stays', { timeout: 120_000 }, async (_what, make) => {
  const before = { files: await storedFiles(), ids: await publishedBy(member) }
  expectProblem(await uploadMeasured(await make()), 422, 'not_a_video')
  await eventually(async () => {
    expect(await storedFiles()).toEqual(before.files)
    return true
  })
  expect(await publishedBy(member)).toEqual(before.ids)
})

test.each<[string, () => Promise<Buffer> | Buffer, Partial<V1Video>]>([
  ['a claim of ten hours', () => claimDuration(clip, 36_000), { durationMs: 1_000 }],
  ['a claim of 65,535 × 65,535 pixels', () => claimSize(clip, 65_535, 65_535), { width: 64, height: 48 }],
  ['three real hours', longVideo, { durationMs: 10_800_000, width: 32, height: 32 }],
  ['a web page inside', () => Buffer.concat([clip, box('free', html)]), { durationMs: 1_000 }],
  ['an archive inside', () => Buffer.concat([clip, box('free', zip)]), { durationMs: 1_000 }],
  ['an archive behind it', () => Buffer.concat([clip, zip]), { durationMs: 1_000 }],
  ['words in its tags', tagged, { durationMs: 1_000 }],
])(
  '%s: taken for the video it is, served as nothing else, and the cover holds nothing of it but the picture',
  {
    timeout: 120_000,
  },
  async (_what, make, facts) => {
    const answer = await uploadMeasured(await make())
    expect({ status: answer.status, ...(answer.json as V1Video) }).toMatchObject({ status: 201, ...facts })
    const { videoUrl, coverUrl } = answer.json as V1Video
    const served = await fetch(videoUrl)
    expect(served.headers.get('content-type')).toBe('video/mp4')
    expect(served.headers.get('x-content-type-options')).toBe('nosniff')
    expect(served.headers.get('content-security-policy')).toContain('sandbox')
    await served.body?.cancel()
    const cover = Buffer.from(await (await fetch(coverUrl)).arrayBuffer())
    expect(cover.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]))
    expect(cover.includes(canary)).toBe(false)
    await writeFile(join(folder, 'cover.jpg'), cover)
    await ffmpeg('-i', join(folder, 'cover.jpg'), '-f', 'null', '-')
  },
)
