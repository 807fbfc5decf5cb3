import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createLocalStorage } from '@fanone/storage'
import { afterAll, expect, test, vi } from 'vitest'
import type { VideoProbe } from '../media/probe.ts'
import { ffmpeg } from '../testing/clips.ts'
import { examinationRoom } from '../testing/examination.ts'
import { type OddSource, oddSources } from '../testing/odd-sources.ts'
import { RenditionMaker } from './rendition-maker.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** All under FULL=1, which also writes the table of docs/media.md; else a few, drawn. */
const isFull = process.env.FULL === '1'
const sources = isFull ? oddSources : oddSources.toSorted(() => Math.random() - 0.5).slice(0, 3)

const room = examinationRoom()
const page = join(import.meta.dirname, '../../../../docs/media.md')
const [begin, end] = ['<!-- odd sources -->\n', '<!-- /odd sources -->']
const rows = new Map<string, string>()

async function tableInDocs(): Promise<string[]> {
  const text = await readFile(page, 'utf8')
  return text
    .slice(text.indexOf(begin) + begin.length, text.indexOf(end))
    .trim()
    .split('\n')
    .slice(2)
}

interface FfprobeStream {
  codec_name: string
  width: number
  height: number
  pix_fmt: string
  color_transfer?: string
  channels: number
  start_time: string
  avg_frame_rate: string
}

async function ffprobe(path: string): Promise<{ streams: FfprobeStream[]; format: { duration: string } }> {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', path]
  return JSON.parse((await promisify(execFile)('ffprobe', args)).stdout)
}

async function make({ file, args, copy }: OddSource): Promise<string> {
  const path = room.fileIn(file)
  if (!copy) await ffmpeg(...args, path)
  else {
    await ffmpeg(...args, room.fileIn(`upright-${file}`))
    await ffmpeg('-i', room.fileIn(`upright-${file}`), '-c', 'copy', ...copy, path)
  }
  return path
}

async function renditionsOf(path: string, source: OddSource): Promise<{ probe: VideoProbe; files: string[] }> {
  const { video: probe } = await room.examine(path)
  const folder = `media/ab/${source.file.replaceAll('.', '-')}`
  const storage = createLocalStorage({ rootDir: room.fileIn('store') })
  const maker = new RenditionMaker({ storage, sandbox: room.sandbox, scratchFolder: room.fileIn('scratch') })
  await maker.make({ source: { path, probe }, folder, signal: new AbortController().signal, report: () => undefined })
  const files: string[] = []
  for await (const { key } of storage.list(folder)) if (key.endsWith('.mp4')) files.push(room.fileIn(`store/${key}`))
  return { probe, files }
}

test.each(sources)('$what', async (source) => {
  const { probe, files } = await renditionsOf(await make(source), source)
  const frame = 1 / Math.min(probe.frameRate ?? 25, 25)
  const sizes: [number, string][] = []
  let [rate, hasSound] = ['', false]
  for (const file of files) {
    const { streams, format } = await ffprobe(file)
    const [picture, sound] = streams
    if (!picture) throw new Error('no picture')
    expect(Math.abs(Number(format.duration) * 1000 - probe.durationMs)).toBeLessThanOrEqual(frame * 1000 + 22)
    expect([picture.codec_name, picture.pix_fmt, picture.width % 2, picture.height % 2]).toEqual([
      'h264',
      'yuv420p',
      0,
      0,
    ])
    expect(Math.abs(picture.width / picture.height / (probe.width / probe.height) - 1)).toBeLessThan(0.03)
    if (probe.highDynamicRange) expect(picture.color_transfer).toBe('bt709')
    expect(sound !== undefined).toBe(probe.hasAudio)
    if (sound) expect(Math.abs(Number(picture.start_time) - Number(sound.start_time))).toBeLessThan(0.04)
    if (sound) expect([sound.codec_name, sound.channels]).toEqual(['aac', 2])
    sizes.push([picture.height, `${picture.width} × ${picture.height}`])
    const [frames = 0, seconds = 1] = picture.avg_frame_rate.split('/').map(Number)
    rate = (frames / seconds).toFixed(frames % seconds === 0 ? 0 : 1)
    hasSound = sound !== undefined
  }
  const listed = sizes.toSorted(([one], [other]) => one - other).map(([, size]) => size)
  const played = probe.playsEverywhere ? 'the upload' : 'the best size'
  const row = `| ${source.what} | ${listed.join(', ')} | ${rate} | ${hasSound ? 'stereo' : 'none'} | ${played} |`
  rows.set(source.what, row)
  if (!isFull) expect(await tableInDocs()).toContain(row)
})

test('the table names every source', async () => {
  const named = (await tableInDocs()).map((row) => row.split(' | ')[0]?.slice(2))
  if (!isFull) expect(named).toEqual(oddSources.map(({ what }) => what))
})

afterAll(async () => {
  if (!isFull || rows.size < oddSources.length) return
  const text = await readFile(page, 'utf8')
  const table = [
    '| source | sizes | pictures a second | sound | MP4 |',
    '| --- | --- | --- | --- | --- |',
    ...rows.values(),
  ]
  const [head, tail] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))]
  await writeFile(page, `${head}${table.join('\n')}\n${tail}`)
})
