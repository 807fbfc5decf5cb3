import type { ContentCounters } from '@fanone/contracts'
import { beforeAll, expect, test } from 'vitest'
import { runWorkloads } from '../faults/ledger/run.ts'
import { likes } from '../faults/ledger/workloads/likes.ts'
import { api, newMember, publish } from '../support/community.ts'
import { announceSeed, scaled, seed } from '../support/sampling.ts'
import { connectAsRoot } from '../support/scratch-database.ts'
import { cli, eventually } from '../support/stack.ts'

const STEPS_BEFORE = 200

const countersOf = async (id: number) => (await api().videos.get({ id })).counters
const becomes = (id: number, counters: ContentCounters) =>
  eventually(async () => expect(await countersOf(id)).toEqual(counters) ?? true)
// Readers see a change once the emission has brought it into the cache, up to 2 s after its commit.
const becomesOfUser = (id: number, counters: { works: number; likesReceived: number }) =>
  eventually(async () => expect((await api().users.get({ id })).counters).toMatchObject(counters) ?? true)

async function change(sql: string, values: unknown[]): Promise<void> {
  const admin = await connectAsRoot()
  await admin.query(sql, values).finally(() => admin.end())
}

// Other tests of this run may have left a drift on purpose.
beforeAll(async () => {
  await cli('stats:rebuild')
})

test('counters that are wrong in the database are told with their drift and repaired, and counted anew there is none', async () => {
  const [author, viewer] = [await newMember('author'), await newMember('viewer')]
  const [liked, visited] = [await publish(author), await publish(author)]
  await viewer.api.likes.video.put({ id: liked.id })
  await viewer.api.visits.record({ id: visited.id })
  await becomes(liked.id, { likes: 1, comments: 0, visits: 0 })
  await becomes(visited.id, { likes: 0, comments: 0, visits: 1 })
  await becomesOfUser(author.user.id, { works: 2, likesReceived: 1 })
  await change("update stats.content_counter set likes = likes + 41 where kind = 'video' and id = ?", [liked.id])
  await change("delete from stats.content_counter where kind = 'video' and id = ?", [visited.id])
  await change('update stats.user_counter set works = works - 1 where id = ?', [author.user.id])

  const first = await cli('stats:rebuild')
  expect(first.all).toMatch(/^ {2}likes +drift 41 \(1 repaired\)$/m)
  expect(first.all).toMatch(/^ {2}visits +drift 1 \(1 repaired\)$/m)
  expect(first.all).toMatch(/^ {2}works +drift 1 \(1 repaired\)$/m)
  expect(first.all).toContain('Drift 43, repaired 3')
  expect(first.exitCode).toBe(1)
  await becomes(liked.id, { likes: 1, comments: 0, visits: 0 })
  await becomes(visited.id, { likes: 0, comments: 0, visits: 1 })
  await becomesOfUser(author.user.id, { works: 2, likesReceived: 1 })

  const second = await cli('stats:rebuild')
  expect(second.all).toContain('Drift 0, repaired 0')
  expect(second.exitCode).toBe(0)
}, 120_000)

test('while people like and take it back there is no drift, and no like is lost or counted twice', async () => {
  announceSeed('rebuild')
  const workload = likes({ clients: 24, users: 24, videos: 3, unlikePercent: 50 })
  const { observed, violations } = await runWorkloads({
    name: 'rebuild',
    workloads: [workload],
    seed,
    during: async () => {
      // A look before that finds nothing under way.
      await eventually(() => workload.done() >= STEPS_BEFORE)
      const outputs: string[] = []
      for (let round = 0; round < scaled({ quick: 1, full: 20 }); round++)
        outputs.push((await cli('stats:rebuild')).all)
      return outputs
    },
  })
  for (const output of observed) expect(output).toContain('Drift 0, repaired 0')
  expect(violations).toEqual([])
  expect((await cli('stats:rebuild')).all).toContain('Drift 0, repaired 0')
}, 300_000)
