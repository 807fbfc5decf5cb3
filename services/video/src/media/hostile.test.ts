import { describe, expect, test, vi } from 'vitest'
import { box, externalReference, ffmpeg, makeClip, replaceBoxes } from '../testing/clips.ts'
import { bytesOf, examinationRoom } from '../testing/examination.ts'
import { inputArguments } from './upload-file.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const room = examinationRoom()

describe('what is not a video is refused with a reason', () => {
  test('nothing at all', async () => {
    expect(await room.refusalOf(await room.write('empty.mp4', ''))).toBe('The file is empty')
  })

  test.each([
    ['text', 'just some text, long enough to be looked at'],
    ['a web page', '<!doctype html><script>alert(1)</script>'],
    ['a magic number and nothing else', Buffer.from('\0\0\0\x18ftyp')],
  ])('%s named .mp4', async (_what, content) => {
    expect(await room.refusalOf(await room.write('text.mp4', content))).toBe(
      'Only MP4, MOV and WebM files are accepted',
    )
  })

  test('random bytes behind the right first bytes', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919 + (index >> 3) * 31) % 256))
    const head = box('ftyp', Buffer.from('isom\0\0\0\0isom'))
    await room.refusalOf(await room.write('noise.mp4', Buffer.concat([head, noise])))
    await room.refusalOf(await room.write('noise2.mp4', Buffer.concat([head, box('moov', noise), box('mdat', noise)])))
    await room.refusalOf(await room.write('noise.webm', Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), noise])))
  })

  test.each([
    ['sound.m4a', ['-c:a', 'aac']],
    ['sound.webm', ['-c:a', 'libopus']],
  ])('sound only: %s', async (name, codec) => {
    await ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', ...codec, room.fileIn(name))
    expect(await room.refusalOf(room.fileIn(name))).toBe('The file has no picture')
  })

  test('sound with a cover picture', async () => {
    await makeClip(room.fileIn('art.jpg'), { codec: ['mjpeg', '-pix_fmt', 'yuvj420p'], extra: ['-frames:v', '1'] })
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=1', '-i', room.fileIn('art.jpg')]
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
      room.fileIn('art.m4a'),
    )
    expect(await room.refusalOf(room.fileIn('art.m4a'))).toBe('The file has no picture')
  })

  test.each(['still.jpg', 'still.png'])('an image: %s', async (name) => {
    await makeClip(room.fileIn(name), { codec: [name.endsWith('png') ? 'png' : 'mjpeg'], extra: ['-frames:v', '1'] })
    expect(await room.refusalOf(room.fileIn(name))).toBe('Only MP4, MOV and WebM files are accepted')
  })

  test('an image in a video container', async () => {
    const avif = Buffer.concat([box('ftyp', Buffer.from('avif\0\0\0\0avif')), box('meta', Buffer.alloc(20))])
    expect(await room.refusalOf(await room.write('still.avif', avif))).toBe('The file is an image')
  })

  test('a codec that is not supported', async () => {
    await makeClip(room.fileIn('lossless.mkv'), { codec: ['ffv1'] })
    expect(await room.refusalOf(room.fileIn('lossless.mkv'))).toBe('The picture is in a format that is not supported')
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
    await makeClip(room.fileIn('secret.ts'))
    const path = await room.write('script.mp4', write(room.fileIn('secret.ts')))
    expect(await room.refusalOf(path)).toBe('Only MP4, MOV and WebM files are accepted')
    // Even behind the check of the first bytes, the forced demuxer does not read scripts.
    for (const container of ['mp4', 'webm'] as const) {
      const args = ['-v', 'error', '-show_streams', ...inputArguments(path, container)]
      const run = room.sandbox.run({
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
    const secret = await makeClip(room.fileIn('secret.mov'))
    const movie = replaceBoxes(await bytesOf(secret), 'dref', externalReference('secret.mov'))
    const path = await room.write('reference.mov', movie)
    // Proof that the reference works: told to follow it, ffmpeg does.
    await ffmpeg('-f', 'mov', '-enable_drefs', '1', '-i', path, '-frames:v', '1', room.fileIn('stolen.jpg'))
    // The movie brings no picture of its own.
    const emptied = replaceBoxes(movie, 'mdat', Buffer.alloc(movie.length))
    for (const content of [movie, emptied]) await room.refusalOf(await room.write('reference.mov', content))
  })
})
