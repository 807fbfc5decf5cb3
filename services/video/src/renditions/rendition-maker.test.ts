import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createLocalStorage } from '@fanone/storage'
import { beforeAll, expect, test, vi } from 'vitest'
import { probeVideo } from '../media/probe.ts'
import { makeClip } from '../testing/clips.ts'
import { examinationRoom } from '../testing/examination.ts'
import { RenditionMaker, type Renditions } from './rendition-maker.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const room = examinationRoom()
const folder = 'media/ab/renditions-1'
const fileOf = (name: string) => join(room.fileIn('store'), folder, name)
const textOf = (name: string) => readFile(fileOf(name), 'utf8')
const percents: number[] = []
let renditions: Renditions

beforeAll(async () => {
  const storage = createLocalStorage({ rootDir: room.fileIn('store') })
  const maker = new RenditionMaker({ storage, sandbox: room.sandbox, scratchFolder: room.fileIn('scratch') })
  const path = await makeClip(room.fileIn('film.mkv'), { size: '424x240', seconds: 5, audio: 'ac3' })
  const probe = await probeVideo(path, room.sandbox)
  const report = (percent: number) => percents.push(percent)
  renditions = await maker.make({ source: { path, probe }, folder, signal: new AbortController().signal, report })
})

async function ffprobe(name: string, ...entries: string[]) {
  const args = ['-v', 'error', '-of', 'json', ...entries, fileOf(name)]
  return JSON.parse((await promisify(execFile)('ffprobe', args)).stdout)
}

test('the master playlist names every rendition with its size, rate and codecs', async () => {
  const [head, stream, name, ...rest] = (await textOf(renditions.playlist)).split('\n').slice(2)
  expect([head, name, ...rest]).toEqual(['#EXT-X-INDEPENDENT-SEGMENTS', '240p.m3u8', ''])
  expect(stream).toMatch(
    /^#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,RESOLUTION=424x240,FRAME-RATE=25\.000,CODECS="avc1\.6400[0-9a-f]{2},mp4a\.40\.2"$/,
  )
  const [, peak, average] = stream?.match(/BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+)/) ?? []
  const bits = 8 * (await readFile(fileOf('240p.mp4'))).length
  expect(Math.abs(Number(average) - bits / 5)).toBeLessThan(bits / 5 / 50)
  expect(Number(peak)).toBeGreaterThanOrEqual(Number(average))
})

test('segments of four seconds each begin with a key frame, and are where the playlist says', async () => {
  const playlist = await textOf('240p.m3u8')
  const seconds = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].map(([, length]) => Number(length))
  // Matroska writes whole milliseconds, and its sound begins a little earlier than its picture.
  expect(seconds).toEqual([expect.closeTo(4, 1), expect.closeTo(1, 1)])
  const ranges = [...playlist.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)].map(([, bytes, at]) => [
    Number(bytes),
    Number(at),
  ])
  const movie = await readFile(fileOf('240p.mp4'))
  for (const [, at = 0] of ranges) expect(movie.toString('latin1', at + 4, at + 8)).toBe('moof')
  expect(ranges.at(-1)?.reduce((sum, part) => sum + part, 0)).toBe(movie.length)
  const { packets } = await ffprobe('240p.mp4', '-select_streams', 'v', '-show_entries', 'packet=pts_time,flags')
  const keys = packets.filter(({ flags }: { flags: string }) => flags.startsWith('K'))
  expect(keys.map(({ pts_time }: { pts_time: string }) => Number(pts_time))).toEqual([0, expect.closeTo(4, 1)])
})

test.each(['240p.mp4', '240p.m3u8'])('%s has picture and sound that begin and end together', async (name) => {
  const { streams, format } = await ffprobe(name, '-show_streams', '-show_format')
  expect(streams.map(({ codec_name }: { codec_name: string }) => codec_name)).toEqual(['h264', 'aac'])
  const [picture, sound] = streams
  expect(picture).toMatchObject({ pix_fmt: 'yuv420p', width: 424, height: 240 })
  expect(sound).toMatchObject({ channels: 2, sample_rate: '48000' })
  expect(Math.abs(picture.start_time - sound.start_time)).toBeLessThan(0.04)
  expect(Math.abs(format.duration - 5)).toBeLessThan(0.04)
})

test('its index comes first and says how long it plays', async () => {
  const movie = await readFile(fileOf(renditions.bestFile))
  const types: string[] = []
  for (let at = 0; at < movie.length; at += movie.readUInt32BE(at)) types.push(movie.toString('latin1', at + 4, at + 8))
  expect(types).toEqual(['ftyp', 'moov', 'sidx', 'moof', 'mdat', 'moof', 'mdat'])
  expect(Math.abs(movie.readUInt32BE(movie.indexOf('mehd') + 8) - 5_000)).toBeLessThan(40)
})

test('progress only grows', () => {
  expect(percents).toEqual(percents.toSorted((one, other) => one - other))
  expect(percents.at(-1)).toBe(99)
})
