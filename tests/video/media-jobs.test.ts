import { publicKey } from '@fanone/storage'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  mediaJobs,
  mediaQueueAgeSeconds,
  mediaQueueLength,
  mediaSeconds,
  mediaWorkSeconds,
} from '../../services/video/src/jobs/job.metrics.ts'
import { readContainer } from '../../services/video/src/media/container.ts'
import { NotAVideoError } from '../../services/video/src/media/not-a-video-error.ts'
import { newUploadId, userWithId, type VideoParts, videoParts } from './video-parts.ts'

let parts: VideoParts
beforeAll(async () => {
  parts = await videoParts()
})
afterAll(() => parts.close())

const author = userWithId(7)
const never = new AbortController().signal

/** Inserts videos without files, each with a job. */
async function withJobs(count: number): Promise<number[]> {
  const ids: number[] = []
  for (let index = 0; index < count; index++) {
    const uploadId = newUploadId()
    const files = { videoKey: `${uploadId}/video.mp4`, coverKey: `${uploadId}/cover.jpg`, sizeBytes: 1 }
    const facts = {
      title: 't',
      description: '',
      durationMs: 1_000,
      width: 320,
      height: 240,
      state: 'processing' as const,
    }
    const row = await parts.videos.transaction(async (transaction) => {
      const video = await transaction.insert({ authorId: author.userId, uploadId, ...files, ...facts })
      await transaction.addJob({ videoId: video.id, kind: 'renditions' })
      return video
    })
    ids.push(row.id)
  }
  return ids
}

const shown = async (id: number) => (await parts.catalogue.getMany({ ids: [id] })).items[0]
const eventTypes = async (id: number) => (await parts.eventsOf(id)).map(({ type }) => type)

/** Works until nothing waits. */
async function workAll(worker: ReturnType<VideoParts['worker']>): Promise<number> {
  let count = 0
  while (await worker.workOnNext(never)) count += 1
  return count
}

beforeEach(async () => {
  await parts.database.em().execute('delete from media_job')
})

test('jobs are taken in their order, each by one taker', async () => {
  const ids = await withJobs(6)
  const other = await parts.instance()
  const taken = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => (n % 2 ? parts : other).jobs.take()))
  expect(taken.flatMap((job) => (job ? [job.videoId] : [])).sort()).toEqual(ids.sort())
  expect(await parts.jobs.take()).toBeUndefined()
})

test('a job whose taker falls silent is taken by another, and the first can finish nothing', async () => {
  const [videoId = 0] = await withJobs(1)
  const first = await parts.jobs.take()
  if (!first) throw new Error('no job')
  expect(await parts.jobs.renew(first, 40)).toBe(true)
  expect(await shown(videoId)).toMatchObject({ state: 'processing', progress: 40 })
  await parts.database.em().execute('update media_job set available_at = utc_timestamp(3) - interval 1 second')
  const second = await (await parts.instance()).jobs.take()
  expect(second).toMatchObject({ videoId, attempts: 2 })
  expect(await parts.jobs.renew(first, 50)).toBe(false)
  expect(await parts.videos.transaction((transaction) => transaction.finishJob(first))).toBe(false)
})

test('a result is committed once, with its events, and the storyboard follows', async () => {
  const [videoId = 0] = await withJobs(1)
  const done: string[] = []
  const worker = parts.worker({
    renditions: async ({ folder }) => {
      done.push(folder)
      return { hlsKey: 'k/master.m3u8', videoKey: 'k/240p.mp4' }
    },
    storyboard: async ({ video }) => ({ storyboardKey: `${video.hlsKey}.vtt` }),
  })
  expect(await workAll(worker)).toBe(2)
  expect(done).toHaveLength(1)
  expect(await shown(videoId)).toMatchObject({
    state: 'ready',
    progress: 100,
    version: 3,
    videoKey: 'k/240p.mp4',
    hlsKey: 'k/master.m3u8',
    storyboardKey: 'k/master.m3u8.vtt',
  })
  expect(await eventTypes(videoId)).toEqual(['video.updated.v1', 'video.ready.v1', 'video.updated.v1'])
})

test('an upload whose index is last is played from a copy whose index is first, until nobody plays the upload', async () => {
  const uploadId = await parts.upload(parts.clip)
  const published = await parts.publications.publish(author, { uploadId, title: 't', description: '' })
  const renditions = async () => ({ hlsKey: 'k/master.m3u8' })
  expect(await workAll(parts.worker({ renditions, storyboard: async () => ({}) }))).toBe(3)
  const video = await shown(published.id)
  expect(video).toMatchObject({ state: 'ready', version: 4, sizeBytes: published.sizeBytes })
  expect(video?.videoKey).toMatch(new RegExp(`^${uploadId}/faststart-[0-9a-f]{32}/video.mp4$`))
  const types = await parts.storage.withLocalFile(publicKey(video?.videoKey ?? ''), readContainer)
  expect(types).toMatchObject({ isIndexLast: false })
  const [before, after] = [publicKey(published.videoKey), publicKey(video?.videoKey ?? '')]
  await parts.age(before)
  expect(await parts.janitor.sweep()).toBe(0)
  for (const key of await parts.keys()) await parts.age(key)
  expect(await parts.janitor.sweep()).toBe(1)
  expect(await parts.keys()).toEqual([publicKey(published.coverKey), after].sort())
  await parts.catalogue.delete(author, { id: published.id })
  expect(await parts.keys()).toEqual([])
})

test('an upload whose index cannot be moved is played as it came', async () => {
  const uploadId = await parts.upload(parts.clip)
  const { id, videoKey } = await parts.publications.publish(author, { uploadId, title: 't', description: '' })
  const faststart = () => Promise.reject(new NotAVideoError('Its index is compressed'))
  await workAll(parts.worker({ faststart, renditions: async () => ({ hlsKey: 'k/master.m3u8' }) }))
  expect(await shown(id)).toMatchObject({ state: 'ready', reason: null, videoKey })
  await parts.catalogue.delete(author, { id })
})

test('what comes of attempts is counted, with the seconds of video and of work', async () => {
  await withJobs(3)
  const count = async () => {
    const { values } = await mediaJobs.get()
    return Object.fromEntries(values.map(({ labels, value }) => [`${labels.kind} ${labels.outcome}`, value]))
  }
  const secondsOf = async (counter: typeof mediaSeconds) =>
    (await counter.get()).values.find(({ labels }) => labels.kind === 'renditions')?.value ?? 0
  const before = { ...(await count()), seconds: await secondsOf(mediaSeconds), work: await secondsOf(mediaWorkSeconds) }
  let attempts = 0
  const renditions = async () => {
    attempts += 1
    if (attempts === 1) throw new NotAVideoError('Its picture is odd')
    if (attempts === 2) throw new Error('a disk is tired')
    return { hlsKey: 'k/master.m3u8' }
  }
  const worker = parts.worker({ renditions, storyboard: async () => ({}) })
  await expect.poll(async () => (await workAll(worker)) + (await parts.jobs.state()).length).toBe(0)
  const after = await count()
  const gained = (name: string) => (after[name] ?? 0) - (before[name as never] ?? 0)
  const outcomes = ['renditions done', 'renditions failed', 'renditions retried', 'storyboard done']
  expect(outcomes.map(gained)).toEqual([2, 1, 1, 2])
  expect((await secondsOf(mediaSeconds)) - before.seconds).toBe(2)
  expect((await secondsOf(mediaWorkSeconds)) - before.work).toBeGreaterThan(0)
  expect([
    (await mediaQueueLength.get()).values[0]?.value,
    (await mediaQueueAgeSeconds.get()).values[0]?.value,
  ]).toEqual([0, 0])
})

test('an attempt that fails is repeated, three times at most; then the video says why', async () => {
  const [videoId = 0] = await withJobs(1)
  let attempts = 0
  const worker = parts.worker({
    renditions: async ({ folder }) => {
      attempts += 1
      await parts.storage.put(`${folder}/240p.mp4`, [Buffer.from('half')] as never)
      throw new Error('the database of the weather is down')
    },
  })
  await expect
    .poll(async () => {
      await workAll(worker)
      return (await shown(videoId))?.state
    })
    .toBe('failed')
  expect(attempts).toBe(3)
  expect(await shown(videoId)).toMatchObject({ reason: 'Something went wrong on our side', progress: 0 })
  expect((await parts.keys()).filter((key) => key.includes('renditions-'))).toEqual([])
  expect(await parts.jobs.state()).toEqual({ length: 0, oldestSeconds: 0 })
})

test('a job that nobody ever finishes is given up', async () => {
  const [videoId = 0] = await withJobs(1)
  await parts.database.em().execute('update media_job set attempts = 3')
  expect(await workAll(parts.worker())).toBe(1)
  expect(await shown(videoId)).toMatchObject({ state: 'failed', reason: expect.stringContaining('several times') })
})

test('an instance that ends puts its job back, as if it had not taken it', async () => {
  await withJobs(1)
  const stopping = new AbortController()
  const worker = parts.worker({
    renditions: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        stopping.abort()
      }),
  })
  await worker.workOnNext(stopping.signal)
  expect(await parts.jobs.take()).toMatchObject({ attempts: 1 })
})

test('while a job goes on nobody else takes it; who has lost it stops', async () => {
  const [videoId = 0] = await withJobs(1)
  const begun = Promise.withResolvers<void>()
  const worker = parts.worker({
    renditions: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        begun.resolve()
      }),
  })
  const work = worker.workOnNext(never)
  await begun.promise
  // Longer than a lease that nobody renews.
  await new Promise((resolve) => setTimeout(resolve, 1_300))
  expect(await parts.jobs.take()).toBeUndefined()
  await parts.database.em().execute("update media_job set lease = 'of-another'")
  await work
  expect(await shown(videoId)).toMatchObject({ state: 'processing' })
})

test('what was to be made of a deleted video is forgotten, even by who works on it', async () => {
  const [waiting = 0, underWay = 0] = await withJobs(2)
  await parts.catalogue.delete(author, { id: waiting })
  const worker = parts.worker({
    renditions: async ({ folder }) => {
      await parts.storage.put(`${folder}/240p.mp4`, [Buffer.from('whole')] as never)
      await parts.catalogue.delete(author, { id: underWay })
      return { hlsKey: 'k/master.m3u8' }
    },
  })
  expect(await workAll(worker)).toBe(1)
  expect(await parts.jobs.state()).toMatchObject({ length: 0 })
  expect((await parts.keys()).filter((key) => key.includes('renditions-'))).toEqual([])
})
