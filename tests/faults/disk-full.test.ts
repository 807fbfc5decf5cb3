import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createLocalStorage, StorageFullError } from '@fanone/storage'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { clipFile, type Member, newMember, randomName, scrollFeed } from '../support/community.ts'
import { unpublishedEvents } from '../support/faults.ts'
import { type Answer, expectProblem, sendAsIs } from '../support/http.ts'
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { eventually, part } from '../support/stack.ts'
import {
  fileOf,
  mediaStore,
  openUpload,
  padded,
  publishedBy,
  restingFiles,
  storedFiles,
  upload,
  uploadFile,
} from '../support/uploads.ts'

const MIB = 1024 ** 2
const diskBytes = 16 * MIB
/** What is in use of a disk by bookkeeping alone may differ by some pages. */
const slackBytes = 64 * 1024

let member: Member
let clip: Buffer
let disk: SmallDisk | string
/** Published before the disk was full. */
let videoUrl: string
let pids: (number | undefined)[]

const pidsOf = async () => (await Promise.all(['gateway', 'video'].map(part))).map(({ pid }) => pid)

beforeAll(async () => {
  member = await newMember('full')
  clip = await readFile(await clipFile())
  disk = await mountSmallDisk(mediaStore, diskBytes)
  if (typeof disk === 'string') return console.warn(`NOT TESTED: a full disk. ${disk}`)
  videoUrl = ((await uploadFile(member, clip)).json as { videoUrl: string }).videoUrl
  pids = await pidsOf()
})
beforeEach(({ skip }) => {
  if (typeof disk === 'string') skip(disk)
})
afterEach(async () => {
  if (typeof disk !== 'string') await disk.clear()
})
afterAll(async () => {
  if (typeof disk !== 'string') await disk.unmount()
})

/**
 * Tries uploads without room for them: they leave no trace, existing videos still play, nothing has
 * died, and with room again the next upload succeeds.
 */
async function withoutRoom(smallDisk: SmallDisk, work: () => Promise<unknown>): Promise<void> {
  const before = { files: await restingFiles(), free: await smallDisk.freeBytes(), ids: await publishedBy(member) }
  await work()
  await eventually(
    async () => {
      expect(await storedFiles()).toEqual(before.files)
      return true
    },
    { what: 'nothing is left in storage' },
  )
  expect(await smallDisk.freeBytes()).toBeGreaterThanOrEqual(before.free - slackBytes)
  expect(await publishedBy(member)).toEqual(before.ids)
  const range = await sendAsIs('GET', new URL(videoUrl).pathname, { range: 'bytes=-100' })
  expect(range.status).toBe(206)

  await smallDisk.clear()
  const next = await uploadFile(member, clip)
  expect(next.status, next.text).toBe(201)
  const { id } = next.json as { id: number }
  await eventually(async () => (await unpublishedEvents('video')) === 0)
  await eventually(async () => (await scrollFeed({ limit: 100, pages: 1 })).includes(id))
  // Everything in the feed is in the catalogue: no card of what was refused.
  const { items } = await member.api.videos.listByAuthor({ id: member.user.id, limit: 100 as never })
  expect(items.map((video) => video.id).sort()).toEqual([...before.ids, id].sort())
  expect(await pidsOf()).toEqual(pids)
}

test('uploads until the disk is full: then 507 in all three APIs', async () => {
  const small = disk as SmallDisk
  const file = padded(clip, 4 * MIB)
  const filesBefore = await storedFiles()
  const ids: number[] = []
  for (let answer: Answer; ; ids.push((answer.json as { id: number }).id)) {
    answer = await uploadFile(member, file)
    if (answer.status !== 201) break
  }
  expect(ids.length).toBeGreaterThan(1)
  await withoutRoom(small, async () => {
    expectProblem(await uploadFile(member, file), 507, 'storage_full')
    const fields = (token: boolean) =>
      [
        ...(token ? [['token', member.tokens.accessToken]] : []),
        ['title', randomName('full')],
        ['description', 'x'],
        ['data', fileOf(file)],
      ] as [string, string | File][]
    const headers = { 'access-token': member.tokens.accessToken }
    const fanone = await upload(member, fields(false), '/video/publish', headers)
    expect(fanone).toMatchObject({ status: 200, json: { base: { code: -1, msg: 'There is no room for this file' } } })
    const douyin = await upload(member, fields(true), '/douyin/publish/action/')
    expect(douyin).toMatchObject({
      status: 200,
      json: { status_code: -1, status_msg: 'There is no room for this file' },
    })
  })
  for (const id of ids) await member.api.videos.delete({ id })
  // Files are removed after the answer. The upload that succeeded stays, with its cover.
  await eventually(async () => (await storedFiles()).length <= filesBefore.length + 2)
})

test('the disk becomes full while a file is being received: the client is told before it has sent everything', async () => {
  const small = disk as SmallDisk
  await small.leave(2 * MIB)
  await withoutRoom(small, async () => {
    const { request, head, answer } = openUpload(member, { fileBytes: 1_000 * MIB })
    let isAnswered = false
    void answer.finally(() => {
      isAnswered = true
    })
    request.write(head)
    request.on('error', () => undefined)
    const chunk = Buffer.alloc(MIB)
    for (let sent = 0; sent < 100 && !isAnswered; sent++) {
      if (!request.write(chunk)) await Promise.race([once(request, 'drain'), answer, delay(2_000)])
    }
    expect(await answer).toMatchObject({ status: 507, json: { code: 'storage_full' } })
    request.destroy()
  })
})

test('several uploads at once that have room one by one: each is whole or gone', async () => {
  const small = disk as SmallDisk
  await small.leave(5 * MIB)
  const before = await storedFiles()
  const answers = await Promise.all(Array.from({ length: 4 }, () => uploadFile(member, padded(clip, 3 * MIB))))
  const whole = answers.filter(({ status }) => status === 201)
  for (const answer of answers) if (answer.status !== 201) expectProblem(answer, 507, 'storage_full')
  expect(whole.length).toBeLessThanOrEqual(1)
  await eventually(async () => (await storedFiles()).length === before.length + 2 * whole.length)
  await withoutRoom(small, async () =>
    expectProblem(await uploadFile(member, padded(clip, 6 * MIB)), 507, 'storage_full'),
  )
})

test('there is room for the upload, but not for the cover that video makes of it', async () => {
  const small = disk as SmallDisk
  const file = padded(clip, 2 * MIB)
  await small.leave(file.length)
  await withoutRoom(small, async () => expectProblem(await uploadFile(member, file), 507, 'storage_full'))
})

test.each([
  [0, 'the upload arrives'],
  [1, 'the cover is written'],
  [2, 'the cover is put in place'],
])('with names for %d more files there is no room when %s', async (inodes) => {
  const small = disk as SmallDisk
  await small.leaveInodes(inodes)
  await withoutRoom(small, async () => expectProblem(await uploadFile(member, clip), 507, 'storage_full'))
})

test('a file that cannot be put in place is said to have no room, and stays where it was', async () => {
  const small = disk as SmallDisk
  const storage = createLocalStorage({ rootDir: mediaStore })
  await storage.put('uploads/ab12', [Buffer.from('bytes')] as never)
  await small.leaveInodes(0)
  await expect(storage.move('uploads/ab12', 'media/ab12/video.mp4')).rejects.toThrow(StorageFullError)
  expect(await storage.stat('uploads/ab12')).toMatchObject({ sizeBytes: 5 })
  await storage.delete('uploads/ab12')
})
