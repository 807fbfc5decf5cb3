import { afterAll, beforeAll, expect, test } from 'vitest'
import { type InteractionParts, interactionParts, userWithId } from './interaction-parts.ts'

let parts: InteractionParts
beforeAll(async () => {
  parts = await interactionParts()
  for (const id of [1, 2, 3]) parts.catalogue.set(id, { id, authorId: 5 })
})
afterAll(() => parts.close())

const video = (id: number) => ({ kind: 'video', id }) as const
const visit = async (id: number, userId = 7) =>
  (await parts.visits.record(userWithId(userId), { target: video(id) })).counted
const age = (minutes: number) =>
  parts.query('update @.visit set counted_at = counted_at - interval ? minute', [minutes])

test('a viewer counts again after ten minutes, and not before', async () => {
  expect(await visit(1)).toBe(true)
  await age(9)
  expect(await visit(1)).toBe(false)
  await age(2)
  expect(await visit(1)).toBe(true)
  expect(await visit(1)).toBe(false)
})

test('one viewer who comes many times at once, after ten minutes too, counts once', async () => {
  const other = await parts.instance()
  for (const minutes of [0, 11]) {
    await age(minutes)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? parts : other).visits.record(userWithId(8), { target: video(2) }),
      ),
    )
    expect(answers.filter(({ counted }) => counted)).toHaveLength(1)
  }
})

test('every visit that counts has one event and is in the total of its hour', async () => {
  for (let userId = 100; userId < 120; userId++) await visit(3, userId)
  await visit(3, 100)
  const told = await parts.eventsOf(3)
  expect(told).toHaveLength(20)
  expect(told[0]).toEqual({
    topic: 'content.visited',
    data: { kind: 'video', contentId: 3, authorId: 5, at: expect.any(String) },
  })
  const { items } = await parts.visits.walk({ kind: 'video', limit: 100 })
  const total = items.filter(({ contentId }) => contentId === 3).reduce((sum, { visits }) => sum + visits, 0)
  expect(total).toBe(20)
  expect(items[0]).toMatchObject({ kind: 'video', authorId: 5, hour: expect.stringMatching(/:00:00\.000Z$/) })
})

test('a walk over the totals neither repeats nor skips', async () => {
  for (let hour = 1; hour <= 5; hour++) {
    const values = [1, 2, 3].map((id) => ['video', id, `2026-01-0${hour} 0${hour}:00:00`, 5, hour])
    await parts.query('insert into @.visit_hour (kind, content_id, hour, author_id, visits) values ?', [values])
  }
  const all = (await parts.visits.walk({ kind: 'video', limit: 500 })).items
  const walked: typeof all = []
  for (let last: (typeof all)[number] | undefined; ; last = walked.at(-1)) {
    const after = last && { contentId: last.contentId, hour: last.hour }
    const { items } = await parts.visits.walk({ kind: 'video', limit: 4, ...(after ? { after } : {}) })
    if (items.length === 0) break
    walked.push(...items)
  }
  expect(walked).toEqual(all)
  expect(all.length).toBeGreaterThanOrEqual(15)
})

test('what tells of viewers is forgotten when it is not needed any more; the totals stay', async () => {
  await visit(1, 900)
  await age(11)
  await visit(1, 901)
  while (await parts.visitRows.purge());
  expect(await parts.query('select viewer from @.visit')).toEqual([{ viewer: 'user:901' }])
  expect((await parts.visits.walk({ kind: 'video', limit: 500 })).items.length).toBeGreaterThan(0)
})

test('visits that are counted together are so each once, new and old viewers side by side', async () => {
  const other = await parts.instance()
  const of = (userId: number, id: number, key?: string) => parts.visits.viewingOf(userWithId(userId), video(id), key)
  await visit(1, 500)
  await age(11)
  await visit(2, 501)
  const group = [of(500, 1), of(501, 2), of(502, 1, 'a'), of(502, 1, 'b'), of(502, 1, 'a'), of(503, 404)]
  const [counted, repeated] = [{ counted: true }, { counted: false }]
  const answers = await parts.visits.service.recordMany(group)
  expect(answers).toEqual([counted, repeated, counted, repeated, counted, undefined])
  for (let round = 0; round < 4; round++) {
    await age(11)
    const groups = [1, 2, 3].flatMap((id) => [500, 501, 502, 510 + round].map((userId) => [userId, id] as const))
    const crossing = await Promise.all([
      parts.visits.service.recordMany(groups.map(([userId, id]) => of(userId, id))),
      other.visits.service.recordMany(groups.toReversed().map(([userId, id]) => of(userId, id))),
    ])
    expect(crossing.flat().filter((answer) => answer?.counted)).toHaveLength(12)
  }
})
