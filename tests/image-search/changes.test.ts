import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { picturesIndexed } from '../../services/image-search/src/index/index.metrics.ts'
import { drawing, partOf } from '../support/drawings.ts'
import { connectAsRoot, silentLog } from '../support/scratch-database.ts'
import { eventually } from '../support/stack.ts'
import { AUTHOR_ID, event, type ImageSearchParts, imageSearchParts } from './image-search-parts.ts'
import { type OwnMilvus, startMilvus } from './own-milvus.ts'
import { securedMilvus } from './secured-milvus.ts'
import { smallModel } from './small-model.ts'

const PATIENT = { timeoutMs: 60_000 }
const SLOW = { timeout: 180_000 }

let milvus: OwnMilvus
let parts: ImageSearchParts
let otherModel: Awaited<ReturnType<typeof smallModel>>
beforeAll(async () => {
  milvus = await startMilvus()
  parts = await imageSearchParts({ MILVUS_ADDRESS: milvus.address })
  otherModel = await smallModel(milvus.python, join(parts.folder, 'small.onnx'))
  for (const id of [1, 2, 3, 4]) await parts.publishVideo(id, await drawing(id))
  await parts.settled()
})
afterAll(async () => {
  await parts?.close()
  await milvus?.close()
})

const isUnavailable = { code: 'unavailable' }
const indexed = async (outcome: string) =>
  (await picturesIndexed.get()).values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0

/** Searches while something changes: whatever is answered is right, and something is. */
async function searching<Result>(during: () => Promise<Result>, query: Uint8Array, nearest: number): Promise<Result> {
  let [isOver, answers] = [false, 0]
  const searches = (async () => {
    while (!isOver || answers === 0) {
      const found = await parts.found(query).catch((error) => {
        // On a busy machine one may not get its turn.
        expect(error).toMatchObject(isUnavailable)
      })
      if (!found) continue
      expect(found[0]).toBe(nearest)
      answers++
    }
  })()
  const changing = during().finally(() => {
    isOver = true
  })
  const [result] = await Promise.all([changing, searches])
  return result
}

test('the same content is embedded once', SLOW, async () => {
  const [embedded, known] = [await indexed('embedded'), await indexed('known')]
  await parts.publishVideo(5, await drawing(4))
  await parts.settled()
  expect(await indexed('embedded')).toBe(embedded)
  expect(await indexed('known')).toBeGreaterThan(known)
  expect((await parts.found(await drawing(4))).slice(0, 2).toSorted()).toEqual([4, 5])
  await parts.deleteVideo(5)
})

test('a rebuild fills another collection, and searches go on', SLOW, async () => {
  const before = await parts.collections.serving()
  await searching(
    async () => {
      await parts.indexes.rebuild()
      await parts.settled()
    },
    await partOf(await drawing(3)),
    3,
  )
  const after = await parts.collections.serving()
  expect(after?.id).not.toBe(before?.id)
  expect(await parts.indexes.state()).toEqual({
    ...{ isFilling: false, pictures: 4, waiting: 0, unreadable: 0 },
  })
  expect(await parts.inMilvus()).toHaveLength(4)
})

test('another model takes over once all is indexed with it, and what it replaced is removed', SLOW, async () => {
  const before = await parts.collections.serving()
  const next = await searching(
    async () => {
      const instance = await parts.open(otherModel)
      await parts.settled()
      return instance
    },
    await drawing(2),
    2,
  )
  try {
    const after = await parts.collections.serving()
    expect(after?.model).toMatchObject({ side: 32, dimension: 48 })
    const uploadId = await parts.upload(await drawing(3))
    const [best] = await next.search.byUpload({ uploadId, limit: 1 })
    expect(best).toMatchObject({ contentId: 3 })
    expect(best?.score).toBeGreaterThan(0.999)
    await retireAtOnce()
    await eventually(async () => !(await parts.index.has({ id: before?.id ?? 0 })), PATIENT)
  } finally {
    await next.worker.stop()
  }
})

/** As if the minute had passed in which searches may still use what was replaced. */
async function retireAtOnce(): Promise<void> {
  const admin = await connectAsRoot()
  await admin.query(`update ${parts.name}.collection set changed_at = changed_at - interval 2 minute`)
  await admin.end()
}

test('without Milvus searches are refused, and what happens meanwhile is made up for', SLOW, async () => {
  await milvus.kill()
  await expect(parts.found(await drawing(1))).rejects.toMatchObject(isUnavailable)
  await parts.publishVideo(6, await drawing(6))
  await parts.deleteVideo(1)
  await expect(parts.found(await drawing(1))).rejects.toMatchObject(isUnavailable)
  milvus.start()
  await eventually(async () => (await parts.found(await drawing(6)))[0] === 6, PATIENT)
  await parts.settled()
  expect(await parts.inMilvus()).toHaveLength(4)
})

test('a Milvus that hangs is as one that is away', SLOW, async () => {
  milvus.freeze()
  try {
    await expect(parts.found(await drawing(2))).rejects.toMatchObject(isUnavailable)
  } finally {
    milvus.thaw()
  }
  await eventually(async () => (await parts.found(await drawing(2)))[0] === 2, PATIENT)
})

test('a Milvus that has lost everything is filled again', SLOW, async () => {
  await milvus.kill()
  await milvus.wipe()
  milvus.start()
  await eventually(async () => (await parts.found(await drawing(2)))[0] === 2, PATIENT)
  await parts.settled()
  expect(await parts.inMilvus()).toHaveLength(4)
})

test('a Milvus with a password is spoken to by TLS, and of no use without the password', SLOW, async () => {
  const secured = await securedMilvus({ address: milvus.address, user: 'fanone', password: 'right' })
  const authority = join(parts.folder, 'authority.pem')
  await writeFile(authority, secured.authority)
  const changes = {
    ...otherModel,
    MILVUS_ADDRESS: secured.address,
    MILVUS_TLS: 'true',
    MILVUS_USER: 'fanone',
    MILVUS_CA: authority,
  }
  const instances = [await parts.open({ ...changes, milvusPassword: 'right' })]
  try {
    const uploadId = await parts.upload(await drawing(2))
    const search = async ([instance] = instances) => instance?.search.byUpload({ uploadId, limit: 1 })
    await eventually(async () => (await search())?.[0]?.contentId === 2, PATIENT)
    instances.unshift(await parts.open({ ...changes, milvusPassword: 'wrong' }))
    await expect(search()).rejects.toMatchObject(isUnavailable)
  } finally {
    for (const { worker } of instances) await worker.stop()
    secured.close()
  }
})

test('a frame finds its video and the time, until the video is gone', SLOW, async () => {
  await parts.publishVideo(7, await drawing(1), 4_000)
  await parts.publish('v7/video.mp4', await filmOf([5, 7]))
  const ready = { videoId: 7, authorId: AUTHOR_ID, version: 99, videoKey: 'v7/video.mp4', hlsKey: 'v7/master.m3u8' }
  const data = { ...ready, readyAt: new Date().toISOString() }
  await parts.handlers['video.ready']({ event, data, log: silentLog })
  await parts.settled()
  const uploadId = await parts.upload(await drawing(7))
  const [best] = await parts.search.byUpload({ uploadId, limit: 1 })
  expect(best).toMatchObject({ kind: 'frame', contentId: 7, pictureKey: 'v7/cover.jpg' })
  expect([2_500, 3_500]).toContain(best?.timeMs)
  await parts.deleteVideo(7)
  expect(await parts.found(await drawing(7))).not.toContain(7)
  await parts.settled()
  expect(await parts.inMilvus()).toHaveLength(4)
})

/** Drawings of two seconds each. */
async function filmOf(indexes: number[]): Promise<Buffer> {
  const files = await Promise.all(
    indexes.map(async (index) => {
      const file = join(parts.folder, `drawing-${index}.png`)
      await writeFile(file, await drawing(index))
      return file
    }),
  )
  const film = join(parts.folder, 'film.mp4')
  const inputs = files.flatMap((file) => ['-loop', '1', '-t', '2', '-r', '10', '-i', file])
  const filter = `${files.map((_, index) => `[${index}:v]`).join('')}concat=n=${files.length}:v=1,format=yuv420p`
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast']
  await execa('ffmpeg', ['-v', 'error', '-y', ...inputs, '-filter_complex', filter, ...codec, film])
  return readFile(film)
}
