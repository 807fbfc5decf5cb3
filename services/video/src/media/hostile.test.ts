import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runConfined } from './confined.ts'
import { makeCover } from './cover.ts'
import { NotAVideoError } from './not-a-video-error.ts'
import { inputArguments, probeVideo } from './probe.ts'
import { box, externalReference, ffmpeg, makeClip, replaceBoxes, VP9 } from './testing.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-hostile-'))
})
afterAll(() => rm(folder, { recursive: true }))

const fileIn = (name: string) => join(folder, name)

async function written(name: string, content: string | Buffer): Promise<string> {
  await writeFile(fileIn(name), content)
  return fileIn(name)
}

/** What publishing does with a file; answers the reason it is refused for. */
async function refusalOf(path: string): Promise<string> {
  const error = await probeVideo(path)
    .then((video) => makeCover(path, video))
    .then(() => 'accepted')
    .catch((reason: unknown) => reason)
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
      const run = runConfined({ program: 'ffprobe', args, cpuSeconds: 5, timeoutMs: 20_000, maxOutputBytes: 10_000 })
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

describe('a file that asks for too much is refused within its limits', () => {
  test('a hundred thousand streams', async () => {
    const tracks = Buffer.concat(Array.from({ length: 100_000 }, () => box('trak')))
    const movie = Buffer.concat([box('ftyp', Buffer.from('isom\0\0\0\0isom')), box('moov', tracks)])
    await refusalOf(await written('streams.mp4', movie))
  })

  test('more streams than anybody needs, each of them real', async () => {
    const clip = await makeClip(fileIn('one.mp4'), { size: '16x16', seconds: 0.2 })
    await ffmpeg(
      '-i',
      clip,
      ...Array.from({ length: 40 }, () => ['-map', '0:v']).flat(),
      '-c',
      'copy',
      fileIn('forty.mp4'),
    )
    await refusalOf(fileIn('forty.mp4'))
  })

  test('a million boxes', async () => {
    const movie = Buffer.concat([
      box('ftyp', Buffer.from('isom\0\0\0\0isom')),
      ...new Array(1_000_000).fill(box('free')),
    ])
    expect(await refusalOf(await written('boxes.mp4', movie))).toBe('The file is damaged')
  })

  test('a picture of absurd width', async () => {
    await makeClip(fileIn('wide.webm'), { size: '9000x16', seconds: 0.1, codec: VP9 })
    expect(await refusalOf(fileIn('wide.webm'))).toBe('The picture must be at most 8192 pixels wide and high')
  })

  test('ten hours', async () => {
    await makeClip(fileIn('long.mp4'), {
      size: '16x16',
      seconds: 2,
      extra: ['-vf', 'setpts=PTS*18000', '-vsync', 'vfr'],
    })
    expect(await refusalOf(fileIn('long.mp4'))).toBe('The video is longer than 4 hours')
  })
})

describe('a confined program', () => {
  const endless = ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=size=640x480']
  const limits = { program: 'ffmpeg', cpuSeconds: 20, timeoutMs: 30_000, maxOutputBytes: 1_000_000 } as const

  test('is stopped when it uses too much CPU', async () => {
    const run = runConfined({ ...limits, args: [...endless, '-f', 'null', '-'], cpuSeconds: 1 })
    await expect(run).rejects.toMatchObject({ limit: 'CPU' })
  })

  test('is stopped when it takes too long', async () => {
    const run = runConfined({ ...limits, args: ['-re', ...endless, '-f', 'null', '-'], timeoutMs: 500 })
    await expect(run).rejects.toMatchObject({ limit: 'time' })
  })

  test('is stopped when it says too much', async () => {
    const run = runConfined({ ...limits, args: [...endless, '-f', 'rawvideo', 'pipe:1'] })
    await expect(run).rejects.toMatchObject({ limit: 'output' })
  })

  test('cannot take more memory than it may', async () => {
    const args = ['-v', 'error', '-f', 'lavfi', '-i', 'color=size=16000x16000', '-frames:v', '3', '-f', 'null', '-']
    const complaint = await runConfined({ ...limits, args }).then(
      (output) => output.stderr,
      (error: Error) => error.message,
    )
    expect(complaint).toContain('Cannot allocate memory')
  })

  test('cannot write a file and leaves no folder behind', async () => {
    // A temporary folder of its own: the machine's may hold those of a stack that runs.
    const temporary = await mkdtemp(join(folder, 'tmp-'))
    vi.stubEnv('TMPDIR', temporary)
    const args = [...endless, '-frames:v', '1', fileIn('written.png')]
    await expect(runConfined({ ...limits, args })).rejects.toThrow()
    expect(await readFile(fileIn('written.png')).catch(() => Buffer.alloc(0))).toHaveLength(0)
    vi.unstubAllEnvs()
    expect(await readdir(temporary)).toEqual([])
  })
})
