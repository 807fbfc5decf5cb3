import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { V1Video } from '@fanone/contracts/gateway'
import { expect, test } from 'vitest'
import { clipFile, newMember, publish } from '../support/community.ts'
import { watchMemory } from '../support/memory.ts'
import { eventually } from '../support/stack.ts'
import { openUpload, paddingHeader, storedFiles } from '../support/uploads.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3

test('a video of 1 GiB is published without any process growing by more than 64 MiB', {
  timeout: 180_000,
}, async () => {
  const member = await newMember('big')
  // What is loaded and reserved with the first upload is not what this is about.
  await publish(member)
  const clip = await readFile(await clipFile())
  const before = await storedFiles()
  const { request, head, tail, answer } = openUpload(member, { fileBytes: GIB })
  const grown = await watchMemory()

  request.write(head)
  request.write(clip)
  request.write(paddingHeader(GIB - clip.length))
  const padding = Buffer.alloc(MIB)
  for (let left = GIB - clip.length - 16; left > 0; left -= MIB) {
    if (!request.write(padding.subarray(0, Math.min(left, MIB)))) await once(request, 'drain')
  }
  request.end(tail)
  const { status, json } = await answer
  const growth = await grown()

  expect({ status, json }).toMatchObject({ status: 201, json: { sizeBytes: GIB, durationMs: 1000 } })
  expect([...growth.keys()].sort()).toEqual(
    expect.arrayContaining(['gateway', 'gateway.sidecar', 'video', 'video.sidecar']),
  )
  for (const [name, bytes] of growth)
    expect(bytes, `${name} grew by ${Math.round(bytes / MIB)} MiB`).toBeLessThan(64 * MIB)

  const { id, videoUrl } = json as V1Video
  const end = await fetch(videoUrl, { headers: { range: 'bytes=-4' } })
  expect(end.headers.get('content-range')).toBe(`bytes ${GIB - 4}-${GIB - 1}/${GIB}`)
  await member.api.videos.delete({ id })
  await eventually(async () => (await storedFiles()).length === before.length, { what: 'its files are gone' })
})
