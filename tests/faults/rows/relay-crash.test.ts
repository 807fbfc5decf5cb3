import type { V1Video } from '@fanone/contracts/gateway'
import { expect, test } from 'vitest'
import type { Recovery } from '../../../scripts/docs/fault-report.ts'
import { newMember, publish } from '../../support/community.ts'
import { freeze } from '../../support/faults.ts'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { connectAsRoot } from '../../support/scratch-database.ts'
import { eventually, healthy, kill9, metrics, sumMetric } from '../../support/stack.ts'
import { commitUpdates, editsOf, interleave } from '../ledger/committed-events.ts'
import { checkEvents, repeats, toWireEvents } from '../ledger/event-checker.ts'
import { reportFigures } from '../ledger/figures.ts'
import { endOfTopics, type Positions, readTopics } from '../ledger/kafka.ts'
import { awaitQuiescence } from '../ledger/quiescence.ts'
import { queryMysql } from '../ledger/stores.ts'
import { checkReadModel, committedVersions, readRows } from '../ledger/workloads/videos-check.ts'

const feedPort = 7130
const eventCount = scaled({ quick: 1_000, full: 20_000 })
const crashes = scaled({ quick: 2, full: 50 })
const videoCount = scaled({ quick: 10, full: 20 })

test('R10: a relay that is killed after it published and before it deleted publishes again; duplicates are on the wire only', async () => {
  announceSeed('R10')
  const member = await newMember()
  const videos: V1Video[] = []
  for (let count = 0; count < videoCount; count++) videos.push(await publish(member))
  await awaitQuiescence()
  const from = await endOfTopics()
  const before = await outcomes()

  // Whoever holds a row keeps the relay from deleting what it has published: there it is killed.
  const thaw = await freeze('video')
  await commitUpdates(interleave(videos.map((video) => editsOf(video, eventCount / videoCount))))
  const waiting = await queryMysql<{ seq: number }>('select seq from video.outbox order by seq')
  const recoveries: Recovery[] = []
  for (let crash = 0; crash < crashes; crash++) {
    const holder = await holdRow(waiting[Math.floor((crash * waiting.length) / crashes)]?.seq ?? 0)
    if (crash === 0) thaw()
    const connections = await waitingToDelete()
    const pid = await kill9('video')
    const killedAt = performance.now()
    // Killed, or its last statement would run when the row is free, as if it had lived longer.
    for (const id of connections) await queryMysql('kill ?', [id])
    await holder.end()
    await healthy('video', { not: pid })
    const ms = Math.round(performance.now() - killedAt)
    recoveries.push({ fault: 'kill video between publish and delete', writesMs: ms, allMs: ms })
  }
  await awaitQuiescence()

  const rows = await readRows([member.user.id])
  const events = await wireEvents(from, member.user.id)
  const committed = new Map(
    [...committedVersions(rows)].map(([id, { topics }]) => [id, { firstVersion: 2, topics: topics.slice(1) }]),
  )
  const violations = [...checkEvents(events, committed), ...(await checkReadModel(rows))]
  const after = await outcomes()
  reportFigures({
    row: 'R10',
    what: 'relay killed after publishing, before deleting',
    seed,
    rounds: crashes,
    ...{ acknowledged: eventCount, unknown: 0, refused: 0, lost: violations.length, duplicates: 0, otherViolations: 0 },
    recoveries,
    measured: { 'repeats on the wire': repeats(events), 'applied by the feed': after.handled - before.handled },
  })
  expect(violations).toEqual([])
  expect(repeats(events), 'the crashes hit what they aim at').toBeGreaterThan(0)
  expect(after.handled - before.handled, 'applied').toBe(eventCount)
  // Kafka may deliver one of them again.
  expect(after.duplicate - before.duplicate, 'dropped by the inbox').toBeGreaterThanOrEqual(repeats(events))
}, 900_000)

/** Locks a row of the outbox, or the next one that is there, until the connection ends. */
async function holdRow(seq: number) {
  const connection = await connectAsRoot()
  await connection.beginTransaction()
  await connection.query('select seq from video.outbox where seq >= ? order by seq limit 1 for update', [seq])
  return connection
}

/**
 * Resolves when the relay tries to delete published rows and is blocked.
 *
 * @returns its blocked connections
 */
function waitingToDelete(): Promise<number[]> {
  const isDeleting = "db = 'video' and info like 'delete from %outbox%'"
  const find = async () => {
    const rows = await queryMysql<{ id: number }>(`select id from information_schema.processlist where ${isDeleting}`)
    return rows.length > 0 && rows.map(({ id }) => id)
  }
  return eventually(find, { timeoutMs: 60_000, intervalMs: 50, what: 'the relay wants to delete' })
}

async function wireEvents(from: Positions, authorId: number) {
  const messages = await readTopics(from, (topic) => topic === 'video.updated')
  return toWireEvents(messages, (data) =>
    Number(data.authorId) === authorId
      ? { aggregateId: Number(data.videoId), version: Number(data.version) }
      : undefined,
  )
}

async function outcomes() {
  const text = await metrics(feedPort)
  const of = (outcome: string) => sumMetric(text, 'fanone_events_consumed_total', { topic: 'video.updated', outcome })
  return { handled: of('handled'), duplicate: of('duplicate') }
}
