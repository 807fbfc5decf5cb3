import { type ChildProcess, spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { mediaFolder, publicKey } from '@fanone/storage'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { makeClip } from '../../services/video/src/testing/clips.ts'
import { userWithId, type VideoParts, videoParts } from './video-parts.ts'

/** R19 has 20 of each. */
const isFull = process.env.FULL === '1'
const [videos, kills] = isFull ? [20, 20] : [2, 2]
const patience = { timeout: isFull ? 600_000 : 100_000 }
vi.setConfig({ testTimeout: 3 * patience.timeout })

let parts: VideoParts
/** What no browser plays, and what begins late because its index is last. */
let clips: string[]
beforeAll(async () => {
  parts = await videoParts()
  const codec = ['libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv422p']
  const studio = await makeClip(join(parts.place.folder, 'studio.mov'), { seconds: 2, audio: 'ac3', codec })
  clips = [studio, parts.clip]
})
afterAll(() => parts.close())

const author = userWithId(7)
const publish = async (clip: string) =>
  parts.publications.publish(author, { uploadId: await parts.upload(clip), title: 't', description: '' })
const shown = async (ids: number[]) => (await parts.catalogue.getMany({ ids })).items

const workers: ChildProcess[] = []
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill('SIGKILL')
})

function startWorker(): ChildProcess {
  const script = join(import.meta.dirname, 'media-worker-process.ts')
  const worker = spawn(process.execPath, [script, JSON.stringify(parts.place)], { stdio: 'inherit' })
  workers.push(worker)
  return worker
}

test('workers that are killed again and again make everything once, and leave nothing else', async () => {
  const ids: number[] = []
  for (let index = 0; index < videos; index++) ids.push((await publish(clips[index % 2] ?? '')).id)
  // Kills do not count as attempts that failed here: there are more of them than attempts.
  const forgive = () => parts.database.em().execute('update media_job set attempts = 0')
  const areDone = async () => {
    await forgive()
    return (await parts.jobs.state()).length === 0
  }
  startWorker()
  for (let kill = 0; kill < kills; kill++) {
    const worker = startWorker()
    await expect.poll(async () => (await areDone()) || (await isBusy()), patience).toBe(true)
    await delay(Math.random() * 500)
    worker.kill('SIGKILL')
  }
  startWorker()
  await expect.poll(areDone, patience).toBe(true)
  for (const [index, video] of (await shown(ids)).entries()) {
    const [, ...events] = (await parts.eventsOf(video.id)).map(({ type }) => type.split('.')[1])
    const [version, played] = index % 2 ? [4, /\/faststart-[0-9a-f]{32}\/video\.mp4$/] : [3, /\/240p\.mp4$/]
    expect(events.sort()).toEqual(['ready', ...Array<string>(version - 1).fill('updated')])
    expect(video).toMatchObject({ state: 'ready', version, videoKey: expect.stringMatching(played) })
    await expectNoRubbish(video)
  }
  // What a worker has written there goes behind the commit.
  await expect.poll(() => readdir(join(parts.place.folder, 'scratch'))).toEqual([])
  // Their leases have ended, so nothing that they left is about to be used.
  expect(await shown(ids)).toHaveLength(videos)
})

/** Whether somebody is at work, from the leases. */
async function isBusy(): Promise<boolean> {
  const [row] = await parts.database
    .em()
    .execute<{ busy: number }[]>("select count(*) as busy from media_job where lease <> ''")
  return (row?.busy ?? 0) > 0
}

/** What killed attempts left goes with the next round of the janitor, once it is old enough. */
async function expectNoRubbish({ videoKey, coverKey, hlsKey, storyboardKey }: Record<string, unknown>): Promise<void> {
  const keys = [videoKey, hlsKey, storyboardKey].map(String)
  const uploadId = keys[0]?.split('/')[0] ?? ''
  for await (const { key } of parts.storage.list(mediaFolder(uploadId))) await parts.age(key)
  await parts.janitor.sweep()
  // The upload stays where it cannot be played itself: others may be made of it once more.
  const files = [String(coverKey), ...(keys[0]?.endsWith('/video.mp4') ? [] : [`${uploadId}/video.mp4`])]
  const folders = keys.map((key) => key.slice(0, key.lastIndexOf('/')))
  for await (const { key } of parts.storage.list(mediaFolder(uploadId))) {
    const mediaKey = key.slice(publicKey('').length)
    if (mediaKey.split('/').length === 2) expect(files).toContain(mediaKey)
    else expect(folders).toContain(mediaKey.slice(0, mediaKey.lastIndexOf('/')))
  }
}
