import { readdir, readFile, readlink } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import type { V1Video } from '@fanone/contracts/gateway'
import { beforeAll, expect, test } from 'vitest'
import { clipFile, newMember } from '../support/community.ts'
import { sendAsIs } from '../support/http.ts'
import { watchMemory } from '../support/memory.ts'
import { apiUrl, eventually, part } from '../support/stack.ts'
import { padded, uploadFile } from '../support/uploads.ts'

const MIB = 1024 ** 2
const videoBytes = 24 * MIB

let path: string
beforeAll(async () => {
  const answer = await uploadFile(await newMember('player'), padded(await readFile(await clipFile()), videoBytes))
  path = new URL((answer.json as V1Video).videoUrl).pathname
})

/** Begins to play and stops reading or goes away after the first bytes. */
function beginPlaying(headers: Record<string, string>): Promise<{ leave(): void }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(apiUrl + path, { headers, agent: false }, (response) => {
      response.once('data', () => {
        response.pause()
        response.on('error', () => undefined)
        resolve({ leave: () => request.destroy() })
      })
    })
    request.once('error', reject).end()
  })
}

/** How many times the gateway has the video open. */
async function openFiles(): Promise<number> {
  const { pid } = await part('gateway')
  const files = await readdir(`/proc/${pid}/fd`)
  const targets = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
  return targets.filter((target) => target.endsWith(path.replace('/media/', ''))).length
}

test('two hundred players that stop reading cost little memory, and no file stays open when they leave', async () => {
  const grown = await watchMemory()
  const players = await Promise.all(
    Array.from({ length: 200 }, (_, index) => beginPlaying(index % 2 ? {} : { range: `bytes=${index}-` })),
  )
  await eventually(async () => (await openFiles()) === players.length)
  for (const player of players) player.leave()
  await eventually(async () => (await openFiles()) === 0, { what: 'every file is closed' })
  // Whole, they would be 4.7 GiB.
  expect(((await grown()).get('gateway') ?? 0) / MIB).toBeLessThan(players.length)
})

test.each([
  [
    'a thousand ranges',
    `bytes=${Array.from({ length: 1_000 }, (_, index) => `${index * 9}-${index * 9 + 1}`).join(',')}`,
    200,
  ],
  ['one range, written a thousand times', `bytes=${Array(1_000).fill('0-9').join(',')}`, 206],
  ['a range behind the end', `bytes=${videoBytes}-`, 416],
  ['a negative range', 'bytes=-0', 416],
])('%s: one answer of bounded size, the same for HEAD', async (_what, range, status) => {
  const head = await sendAsIs('HEAD', path, { range })
  const get = await sendAsIs('GET', path, { range })
  expect([head.status, get.status]).toEqual([status, status])
  expect(get.headers.get('content-type') ?? '').not.toContain('multipart')
  for (const name of ['content-range', 'etag', 'accept-ranges'])
    expect(head.headers.get(name), name).toBe(get.headers.get(name))
  expect(get.text.length).toBeLessThanOrEqual(videoBytes)
})
