import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { announceSeed, drawn, scaled, seed } from '../support/sampling.ts'
import { appIds } from '../support/services.ts'
import { cli, eventually, healthy, port } from '../support/stack.ts'
import { runWorkloads } from './ledger/run.ts'
import { comments } from './ledger/workloads/comments.ts'
import { follows } from './ledger/workloads/follows.ts'
import { likes } from './ledger/workloads/likes.ts'
import { profiles } from './ledger/workloads/profiles.ts'
import { videos } from './ledger/workloads/videos.ts'

/** A quick round restarts one service, which the seed draws. */
const restartedIds = drawn(appIds, 1)
const rounds = scaled({ quick: 1, full: 5 })
const readers = scaled({ quick: 6, full: 24 })
/** Readers look, they do not hammer. */
const pauseMs = 50
const gateways = (restartedIds.includes('gateway') ? [port(8080), port(8081)] : [port(8080)]).map(
  (publicPort) => `http://127.0.0.1:${publicPort}`,
)

beforeAll(async () => {
  await Promise.all(restartedIds.map((appId) => scale(appId, 2)))
  await healthy()
})

afterAll(async () => {
  await Promise.all(restartedIds.map((appId) => scale(appId, 1)))
  await healthy()
})

test(
  'R27: every instance of a service is restarted while people read and write; no read fails and no acknowledged write is lost',
  async () => {
    announceSeed('R27')
    const member = await newMember('reader')
    const video = await publish(member)
    const paths = [
      '/v1/feeds/newest?limit=5',
      `/v1/videos/${video.id}`,
      `/v1/users/${member.user.id}`,
      `/v1/users/${member.user.id}/videos`,
      `/v1/videos/${video.id}/comments`,
      `/v1/users/${member.user.id}/followers`,
      '/v1/feeds/popular?limit=5',
      '/v1/feeds/following?limit=5',
    ]
    await eventually(async () => (await readAnywhere(paths[0] as string, member, 0)) === '200')
    const result = await runWorkloads({
      name: 'R27',
      workloads: [
        videos({ clients: 4, authors: 4, publishPercent: 10 }),
        profiles({ clients: 4 }),
        likes({ clients: 4, users: 4, videos: 2 }),
        comments({ clients: 4, users: 4, videos: 2 }),
        follows({ clients: 2, people: 3 }),
      ],
      seed,
      during: async () => {
        const tally: Record<string, number> = {}
        let isReading = true
        const reading = Array.from({ length: readers }, async (_, reader) => {
          for (let turn = reader; isReading; turn++) {
            const path = paths[turn % paths.length] as string
            const outcome = await readAnywhere(path, member, turn)
            const told = outcome === '200' ? outcome : `${outcome} of ${path}`
            tally[told] = (tally[told] ?? 0) + 1
            await delay(pauseMs)
          }
        })
        for (let round = 0; round < rounds; round++) {
          for (const appId of restartedIds) {
            const restarted = await cli('restart', appId, '--rolling')
            expect(restarted.exitCode, restarted.all).toBe(0)
          }
        }
        isReading = false
        await Promise.all(reading)
        return tally
      },
    })
    expect(Object.keys(result.observed), JSON.stringify(result.observed)).toEqual(['200'])
    expect(result.violations, `seed ${seed}, ledger ${result.ledgerFile}`).toEqual([])
  },
  300_000 + rounds * 120_000,
)

/** Reads like a load balancer: from the gateways in turn, and from the other if one fails. */
async function readAnywhere(path: string, member: Member, turn: number): Promise<string> {
  const headers = { authorization: `Bearer ${member.tokens.accessToken}` }
  let failure = ''
  for (let tries = 0; tries < gateways.length; tries++) {
    try {
      const response = await fetch(gateways[(turn + tries) % gateways.length] + path, { headers })
      const body = await response.text()
      return response.status === 200 ? '200' : `${response.status} ${body.slice(0, 200)}`
    } catch (error) {
      failure = String((error as Error).cause ?? error)
    }
  }
  return failure
}

async function scale(appId: string, count: number): Promise<void> {
  const { exitCode, all } = await cli('scale', appId, String(count))
  expect(exitCode, all).toBe(0)
}
