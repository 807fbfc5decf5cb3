import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { toAuthor } from '../author/author.service.ts'
import { keys } from '../redis/feed-redis.ts'
import { exampleEvent, exampleProfile, exampleVideo, idAt } from '../testing/examples.ts'
import { readChecked, startTimelines } from '../testing/timelines.ts'
import { changeFromVideo, removal } from '../timeline/card.ts'
import type { TimelineService } from '../timeline/timeline.service.ts'

const { redis, timelines, authors, following, newService, begin, end } = await startTimelines()
afterAll(end)

const READERS = [1, 2]
const AUTHORS = [11, 12, 13, 14, 15, 16]
/** Comes into the feed late, or never. */
const LATE_AUTHOR = 17

interface Read {
  do: 'read'
  reader: number
  instance: number
  limit: number
  isContinued: boolean
}

type Step =
  | { do: 'publish' | 'update'; authorId: number; ms: number }
  | { do: 'delete' | 'rebuild'; ms: number }
  | { do: 'follow' | 'unfollow'; reader: number; authorId: number }
  | { do: 'learn author' | 'forget arrivals' | 'lose arrivals' }
  | Read

const author = fc.constantFrom(...AUTHORS, LATE_AUTHOR)
const reader = fc.constantFrom(...READERS)
const ms = fc.integer({ min: 1, max: 60 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish' as const), authorId: author, ms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), authorId: author, ms }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'rebuild' as const), ms }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('follow' as const, 'follow' as const, 'unfollow' as const),
      reader,
      authorId: author,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('learn author' as const, 'forget arrivals' as const, 'lose arrivals' as const),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      reader,
      instance: fc.constantFrom(0, 1),
      limit: fc.integer({ min: 1, max: 7 }),
      isContinued: fc.boolean(),
    }),
  },
)

/** What the feed has been told, and what a page of it has to be. */
class Model {
  readonly videos = new Map<number, number>()
  readonly deleted = new Set<number>()
  readonly follows = new Map(READERS.map((id) => [id, new Set<number>()]))
  readonly known = new Set(AUTHORS)

  page(readerId: number, beforeId: number, limit: number): { ids: number[]; hasMore: boolean } {
    const all = [...this.videos]
      .filter(
        ([id, authorId]) => id < beforeId && this.known.has(authorId) && this.follows.get(readerId)?.has(authorId),
      )
      .map(([id]) => id)
      .sort((a, b) => b - a)
    return { ids: all.slice(0, limit), hasMore: all.length > limit }
  }
}

/** The feed and the model, told the same. */
class Run {
  readonly model = new Model()
  readonly #instances: TimelineService[]
  readonly #positions = new Map<number, { cursor: string; lastId: number }>()
  #version = 0

  constructor(windowVideos: number) {
    this.#instances = [newService({ windowVideos }), newService({ windowVideos })]
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'publish' || step.do === 'update') await this.#show(step)
    else if (step.do === 'delete') await this.#delete(idAt(step.ms))
    else if (step.do === 'rebuild') await this.#rebuildAround(idAt(step.ms))
    else if (step.do === 'follow' || step.do === 'unfollow') await this.#follow(step)
    else if (step.do === 'learn author') {
      await authors.replace(toAuthor(exampleProfile(LATE_AUTHOR)), null)
      this.model.known.add(LATE_AUTHOR)
    } else if (step.do === 'forget arrivals') await redis.xtrim(keys.arrivals, 'MAXLEN', 1)
    else if (step.do === 'lose arrivals') await this.#loseLastArrival()
    else if (step.do === 'read') await this.#read(step)
  }

  async #show({ authorId, ms }: { authorId: number; ms: number }): Promise<void> {
    const id = idAt(ms)
    if (this.model.deleted.has(id)) return
    const owner = this.model.videos.get(id) ?? authorId
    const video = exampleVideo(id, { authorId: owner, version: ++this.#version })
    await timelines.applyOnce(exampleEvent(), changeFromVideo(video))
    this.model.videos.set(id, owner)
  }

  async #delete(id: number): Promise<void> {
    await timelines.applyOnce(exampleEvent(), removal(id, ++this.#version))
    this.model.videos.delete(id)
    this.model.deleted.add(id)
  }

  /** As the rebuild does: a video the feed had lost comes in, with its neighbours that it has. */
  async #rebuildAround(id: number): Promise<void> {
    const existing = [...this.model.videos].filter(([other]) => Math.abs(other - id) <= Math.abs(idAt(5) - idAt(0)))
    const videos = existing.map(([other, authorId]) => exampleVideo(other, { authorId, version: ++this.#version }))
    await timelines.merge(videos.map(changeFromVideo))
  }

  async #follow(step: { do: string; reader: number; authorId: number }): Promise<void> {
    const follow = { followerId: step.reader, followeeId: step.authorId, version: ++this.#version }
    await following.merge([follow], step.do === 'follow')
    const followed = this.model.follows.get(step.reader)
    if (step.do === 'follow') followed?.add(step.authorId)
    else followed?.delete(step.authorId)
  }

  /** A Redis that failed comes back without its last moments; a rebuild brings the video again. */
  async #loseLastArrival(): Promise<void> {
    const [last] = await redis.xrevrange(keys.arrivals, '+', '-', 'COUNT', 1)
    if (!last) return
    const [id, authorId] = last[1].map(Number) as [number, number]
    await redis.xdel(keys.arrivals, last[0])
    await redis.zrem(`feed:by-author:${authorId}`, id)
    if (!this.model.videos.has(id)) return
    await timelines.merge([changeFromVideo(exampleVideo(id, { authorId, version: ++this.#version }))])
  }

  async #read(step: Read): Promise<void> {
    const position = step.isContinued ? this.#positions.get(step.reader) : undefined
    const instance = this.#instances[step.instance] as TimelineService
    const answer = instance.following({
      userId: step.reader,
      limit: step.limit,
      ...(position && { cursor: position.cursor }),
    })
    const { items, nextCursor } = await readChecked(answer)
    const expected = this.model.page(step.reader, position?.lastId ?? Number.POSITIVE_INFINITY, step.limit)
    const ids = items.map(({ id }) => id)
    expect({ ids, hasMore: nextCursor !== null }).toEqual(expected)
    if (nextCursor === null) this.#positions.delete(step.reader)
    else this.#positions.set(step.reader, { cursor: nextCursor, lastId: ids.at(-1) as number })
  }
}

test.each([3, 8, 500])(
  'pages are those of a naive model, whatever happens, on two instances, with windows of %i videos',
  async (windowVideos) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        await begin(AUTHORS)
        const run = new Run(windowVideos)
        for (const one of steps) await run.take(one)
        for (const readerId of READERS)
          for (const instance of [0, 1])
            await run.take({ do: 'read', reader: readerId, instance, limit: 7, isContinued: false })
      }),
      { numRuns: 60 },
    )
  },
  120_000,
)

test('a page that is read while everything changes has nothing twice and misses nothing that was there all the time', async () => {
  await begin(AUTHORS)
  const service = newService({ windowVideos: 5 })
  for (const authorId of AUTHORS) await following.merge([{ followerId: 1, followeeId: authorId, version: 1 }], true)
  const lasting = Array.from({ length: 40 }, (_, index) => idAt(1 + index))
  for (const [index, id] of lasting.entries()) {
    const authorId = AUTHORS[index % 5] as number
    await timelines.applyOnce(exampleEvent(), changeFromVideo(exampleVideo(id, { authorId })))
  }
  let isOver = false
  const change = async () => {
    for (let version = 2; !isOver; version++) {
      const id = idAt(100 + version)
      await timelines.applyOnce(exampleEvent(), changeFromVideo(exampleVideo(id, { authorId: 16 })))
      await following.merge([{ followerId: 1, followeeId: 16, version }], version % 2 === 0)
      await timelines.applyOnce(exampleEvent(), removal(id, 2))
    }
  }
  const read = async () => {
    for (let round = 0; round < 5; round++) {
      const seen: number[] = []
      let cursor: string | undefined
      do {
        const page = await readChecked(service.following({ userId: 1, limit: 3, ...(cursor && { cursor }) }))
        seen.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a))
      expect(seen.filter((id) => id <= idAt(99)).toSorted((a, b) => a - b)).toEqual(lasting)
    }
  }
  const changing = change()
  await Promise.all([read(), read(), read()]).finally(() => {
    isOver = true
  })
  await changing
})
