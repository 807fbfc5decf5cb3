import { afterAll, beforeAll, expect, test } from 'vitest'
import { CounterChanges } from '../../services/stats/src/counter/changes.ts'
import { CounterRepository } from '../../services/stats/src/counter/counter.repository.ts'
import { subjectOf } from '../../services/stats/src/counter/subject.ts'
import { database as definition } from '../../services/stats/src/database.ts'
import { EmissionRepository } from '../../services/stats/src/emission/emission.repository.ts'
import { RankingRepository } from '../../services/stats/src/ranking/ranking.repository.ts'
import { RebuildRepository } from '../../services/stats/src/rebuild/rebuild.repository.ts'
import { explainQueries, wastefulQueries } from '../support/explain.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

/** More than a rebuild reads at once. */
const SUBJECTS = 12_000
const NOW_HOUR = 500_000

/** What reads more than its answer, and may. */
const mayBeWasteful = [
  // A ranking is a sum over all visits of its hours, kept as a range of the primary key; a tenth of
  // the time at most goes into it.
  /^[^:]*needs a temporary table[^:]*: select `h`\.`video_id`/,
  // Whoever is on the list of changes is to be told, but for one row; the limit ends it.
  /^(full scan|scan of a whole key) of changed_counter: select .* where `subject` <> \? limit \?$/,
  // One row for each rebuild that an operator has asked for.
  /^full scan of rebuild: select `id` from `rebuild` where `state`/,
]

type Scratch = Awaited<ReturnType<typeof scratchDatabase>>
let scratch: Scratch
let database: Awaited<ReturnType<Scratch['open']>>

beforeAll(async () => {
  scratch = await scratchDatabase(definition)
  database = await scratch.open()
  const ids = Array.from({ length: SUBJECTS }, (_, index) => index + 1)
  const tables = {
    'content_counter (kind, id, likes, visits, version)': ids.map((id) => ['video', id, id % 7, id % 900, 1]),
    'user_counter (id, works, version)': ids.map((id) => [id, 1, 1]),
    'visit_hour (hour, video_id, visits)': ids.map((id) => [NOW_HOUR - (id % 400), id, 1]),
    'changed_counter (subject, mark)': ids.slice(0, 5_000).map((id) => [`video:${id}`, id]),
    'ranking (period, version, items, computed_at)': ['hour', 'day'].map((one) => [one, 1, '[]', new Date()]),
    'rebuild (id, state, report, started_at, alive_at)': ids
      .slice(0, 20)
      .map((id) => [id, 'done', '{}', new Date(), new Date()]),
  }
  for (const [table, rows] of Object.entries(tables)) {
    await scratch.admin.query(`insert into ${scratch.name}.${table} values ?`, [rows])
    await scratch.admin.query(`analyze table ${scratch.name}.${table.split(' ')[0]}`)
  }
})
afterAll(() => scratch.drop())

/** Counting, telling, ranking and counting anew, each as the service does it. */
async function everything() {
  const counters = new CounterRepository(database)
  const emissions = new EmissionRepository(database)
  const rankings = new RankingRepository(database)
  const rebuilds = new RebuildRepository(database)
  const changes = new CounterChanges()
  const [video, user] = [subjectOf('video', 70), subjectOf('user', 70)]
  changes.addLike({ kind: 'video', contentId: 70, authorId: 70, userId: 71, at: new Date().toISOString() }, 1)
  const event = { id: '1', source: 'test', specversion: '1.0', type: 'content.liked.v1', data: {} } as const
  await counters.applyOnce([{ event: event as never }], () => changes)
  await counters.read([video, user, subjectOf('comment', 9)])
  await counters.walk({ kind: 'video', afterId: 5_000, limit: 100 })
  await emissions.isAnythingChanged()
  await emissions.emit((await emissions.readChanged()).slice(0, 100), [])
  await rankings.changedMark()
  await rankings.forgetChange(1)
  for (const period of ['all', 'day'] as const) await rankings.compute(period, NOW_HOUR)
  await rankings.read('hour')
  await rankings.replace('hour', [{ videoId: 1, visits: 1 }])
  await rankings.forgetHours(NOW_HOUR - 200)
  const { id } = await rebuilds.begin('a key')
  await rebuilds.keepAlive(id)
  const stored = await rebuilds.readAll()
  for (const subject of [video, user]) {
    const { version = 0, ...expected } = stored.get(subject) ?? { counts: [], isDeleted: false }
    expect(await rebuilds.repair(subject, version, expected)).toBe(true)
  }
  await rebuilds.find(id)
  await rebuilds.end(id, 'done', { checked: { contents: 0, users: 0 }, drift: {}, repaired: 0, unsettled: 0 })
}

test('nothing that is counted, told, ranked or counted anew reads more than it has to, unless there is a reason', async () => {
  const explained = await explainQueries(database, everything)
  expect(explained.length).toBeGreaterThanOrEqual(20)
  const wasteful = wastefulQueries(explained)
  expect(wasteful.filter((query) => !mayBeWasteful.some((known) => known.test(query)))).toEqual([])
})
