import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { box, examine, externalReference, ffmpeg, makeClip, replaceBoxes } from '../testing/clips.ts'
import { NotAVideoError } from './not-a-video-error.ts'
import { inputArguments } from './probe.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let sandbox: Sandbox

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-hostile-'))
  sandbox = await createSandbox({ folder: join(folder, 'work') })
})
afterAll(() => rm(folder, { recursive: true }))

const fileIn = (name: string) => join(folder, name)

async function written(name: string, content: string | Buffer): Promise<string> {
  await writeFile(fileIn(name), content)
  return fileIn(name)
}

/** The reason a file is refused for. */
async function refusalOf(path: string): Promise<string> {
  const error = await examine(path, sandbox).then(
    () => 'accepted',
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(NotAVideoError)
  const { reason } = error as NotAVideoError
  expect(reason).not.toContain(folder)
  return reason
}

describe('what is not a video is refused with a reason', () => {
  test('nothing at all', async () => {
    expect(await refusalOf(await written('empty.mp4', ''))).toBe('The file is empty')
  })

  test.each([
    ['text', 'just some text, long enough to be looked at'],
    ['a web page', '<!doctype html><script>alert(1)</script>'],
    ['a magic number and nothing else', Buffer.from('\0\0\0\x18ftyp')],
  ])('%s named .mp4', async (_what, content) => {
    expect(await refusalOf(await written('text.mp4', content))).toBe('Only MP4, MOV and WebM files are accepted')
  })

  test('random bytes behind the right first bytes', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919 + (index >> 3) * 31) % 256))
    const head = box('ftyp', Buffer.from('isom\0\0\0\0isom'))
    await refusalOf(await written('noise.mp4', Buffer.concat([head, noise])))
    await refusalOf(await written('noise2.mp4', Buffer.concat([head, box('moov', noise), box('mdat', noise)])))
    await refusalOf(await written('noise.webm', Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), noise])))
  })

  test.each([
    ['sound.m4a', ['-c:a', 'aac']],
    ['sound.webm', ['-c:a', 'libopus']],
  ])('sound only: %s', async (name, codec) => {
    await ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', ...codec, fileIn(name))
    expect(await refusalOf(fileIn(name))).toBe('The file has no picture')
  })

  test('sound with a cover picture', async () => {
    await makeClip(fileIn('art.jpg'), { codec: ['mjpeg', '-pix_fmt', 'yuvj420p'], extra: ['-frames:v', '1'] })
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=1', '-i', fileIn('art.jpg')]
    await ffmpeg(
      ...sound,
      '-map',
      '0',
      '-map',
      '1',
      '-c:v',
      'copy',
      '-disposition:v',
      'attached_pic',
      fileIn('art.m4a'),
    )
    expect(await refusalOf(fileIn('art.m4a'))).toBe('The file has no picture')
  })

  test.each(['still.jpg', 'still.png'])('an image: %s', async (name) => {
    await makeClip(fileIn(name), { codec: [name.endsWith('png') ? 'png' : 'mjpeg'], extra: ['-frames:v', '1'] })
    expect(await refusalOf(fileIn(name))).toBe('Only MP4, MOV and WebM files are accepted')
  })

  test('an image in a video container', async () => {
    const avif = Buffer.concat([box('ftyp', Buffer.from('avif\0\0\0\0avif')), box('meta', Buffer.alloc(20))])
    expect(await refusalOf(await written('still.avif', avif))).toBe('The file is an image')
  })

  test('a codec that browsers do not play', async () => {
    await makeClip(fileIn('old.mp4'), { codec: ['mpeg4'] })
    expect(await refusalOf(fileIn('old.mp4'))).toBe('The picture is in a format that browsers do not play')
  })
})

describe('a file that names other files gets nothing of them', () => {
  const scripts: [string, (secret: string) => string][] = [
    [
      'an HLS playlist with a relative segment',
      () => '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.ts\n#EXT-X-ENDLIST\n',
    ],
    ['an HLS playlist with an absolute segment', (secret) => `#EXTM3U\n#EXTINF:9,\n${secret}\n#EXT-X-ENDLIST\n`],
    ['an HLS playlist with a URL', () => '#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n'],
    ['a concat script', () => 'ffconcat version 1.0\nfile secret.ts\n'],
    ['a concat script with an absolute path', (secret) => `ffconcat version 1.0\nfile ${secret}\n`],
  ]

  test.each(scripts)('%s', async (_what, write) => {
    await makeClip(fileIn('secret.ts'))
    const path = await written('script.mp4', write(fileIn('secret.ts')))
    expect(await refusalOf(path)).toBe('Only MP4, MOV and WebM files are accepted')
    // Even behind the check of the first bytes, the forced demuxer does not read scripts.
    for (const container of ['mp4', 'webm'] as const) {
      const args = ['-v', 'error', '-show_streams', ...inputArguments(path, container)]
      const run = sandbox.run({
        program: 'ffprobe',
        args,
        cpuSeconds: 5,
        timeoutMs: 20_000,
        maxOutputBytes: 10_000,
      })
      await expect(run).rejects.toThrow('ffprobe ended with 1')
    }
  })

  test('a QuickTime movie whose picture is in another file', async () => {
    const secret = await makeClip(fileIn('secret.mov'))
    const movie = replaceBoxes(await readFile(secret), 'dref', externalReference('secret.mov'))
    const path = await written('reference.mov', movie)
    // Proof that the reference works: told to follow it, ffmpeg does.
    await ffmpeg('-f', 'mov', '-enable_drefs', '1', '-i', path, '-frames:v', '1', fileIn('stolen.jpg'))
    // The movie brings no picture of its own.
    const emptied = replaceBoxes(movie, 'mdat', Buffer.alloc(movie.length))
    for (const content of [movie, emptied]) await refusalOf(await written('reference.mov', content))
  })
})
