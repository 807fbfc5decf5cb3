import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mediaStoreFolder, publicKey } from '@fanone/storage'
import { cardsOf } from '../../../support/cards.ts'
import { api } from '../../../support/community.ts'
import { eventually, home } from '../../../support/stack.ts'
import { checkCreated, checkDeleted, checkNoRepeats, checkSame, checkValue, type Violation } from '../checker.ts'
import { type Committed, checkEvents, toWireEvents } from '../event-checker.ts'
import type { Operation } from '../ledger.ts'
import { queryMysql, withRedis } from '../stores.ts'
import type { Evidence } from '../workload.ts'
import { feedFrom } from './feed.ts'

export interface VideoRow {
  id: number
  authorId: number
  title: string
  description: string
  version: number
  isDeleted: 0 | 1
  videoKey: string
}

/** Ledger against catalogue, catalogue against Kafka, read model, feed, lists and files. */
export async function checkVideos(authors: { id: number }[], { operations, messages }: Evidence): Promise<Violation[]> {
  const authorIds = authors.map(({ id }) => id)
  const own = operations.filter(({ op, userId }) => op.startsWith('video.') && authorIds.includes(userId))
  const rows = await readRows(authorIds)
  const events = toWireEvents(messages, (data, topic) =>
    // That one tells no version of its own.
    topic.startsWith('video.') && topic !== 'video.ready' && authorIds.includes(Number(data.authorId))
      ? { aggregateId: Number(data.videoId), version: Number(data.version) }
      : undefined,
  )
  return [
    ...checkCatalogue(own, rows),
    ...checkEvents(events, committedVersions(rows)),
    ...(await checkReadModel(rows)),
    ...(await checkShown(rows)),
    ...checkFiles(rows),
  ]
}

export function readRows(authorIds: number[]): Promise<VideoRow[]> {
  return queryMysql<VideoRow>(
    `select id, author_id as authorId, title, description, version, deleted_at is not null as isDeleted, video_key as videoKey
     from video.video where author_id in (?) order by id`,
    [authorIds],
  )
}

/** The ledger against the rows. A row is known by its description, which no edit changes. */
export function checkCatalogue(operations: Operation[], rows: VideoRow[]): Violation[] {
  const of = (op: string) => operations.filter((operation) => operation.op === op)
  const [publications, edits, deletions] = [of('video.publish'), of('video.edit'), of('video.delete')]
  const violations = checkCreated(
    publications,
    rows.map(({ description }) => description),
  )
  const bySubject = { edits: Map.groupBy(edits, subjectOf), deletions: Map.groupBy(deletions, subjectOf) }
  for (const { id, title, description, isDeleted } of rows) {
    const place = 'the catalogue'
    const writes = bySubject.edits.get(id) ?? []
    violations.push(...checkValue({ subject: id, place, writes, initial: description, held: title }))
    const own = bySubject.deletions.get(id) ?? []
    violations.push(...checkDeleted({ subject: id, place, deletions: own, isThere: !isDeleted }))
  }
  return violations
}

const subjectOf = ({ subject }: Operation) => subject

/** Version 1 is the publication, the last one of a deleted video the deletion, the others edits. */
export function committedVersions(rows: VideoRow[]): Committed {
  return new Map(
    rows.map(({ id, version, isDeleted }) => {
      const topics: string[] = Array.from({ length: version }, () => 'video.updated')
      topics[0] = 'video.published'
      if (isDeleted) topics[version - 1] = 'video.deleted'
      return [id, { firstVersion: 1, topics }]
    }),
  )
}

const live = (rows: VideoRow[]) => rows.filter(({ isDeleted }) => !isDeleted)

/** Cards and timeline in Redis. */
export async function checkReadModel(rows: VideoRow[]): Promise<Violation[]> {
  if (rows.length === 0) return []
  const own = new Set(rows.map(({ id }) => id))
  const [cards, timeline] = await withRedis((redis) =>
    Promise.all([
      redis.mget(...rows.map(({ id }) => `feed:card:${id}`)),
      redis.zrangebyscore('feed:newest', rows[0]?.id ?? 0, '+inf'),
    ]),
  )
  const held = new Map<number, string>()
  for (const [index, card] of cards.entries()) {
    const record = card?.match(/^(\d+):(\d*):(.*)$/s)
    if (!record?.[3]) continue // none, or the mark of a deleted video
    held.set(rows[index]?.id ?? 0, `version ${record[1]} ${JSON.parse(record[3]).title}`)
  }
  const expected = new Map(live(rows).map(({ id, version, title }) => [id, `version ${version} ${title}`]))
  const listed = timeline.map(Number).filter((id) => own.has(id))
  return [
    ...checkSame('the cards in Redis', expected, held),
    ...checkSame('the timeline in Redis', presence(expected.keys()), presence(listed)),
  ]
}

const presence = (ids: Iterable<number>) => new Map([...ids].map((id) => [id, 'there']))

/**
 * The feed and the authors' lists of the public API, and the video service's answer for each id.
 */
async function checkShown(rows: VideoRow[]): Promise<Violation[]> {
  const expected = new Map(live(rows).map(({ id, title }) => [id, title]))
  const authorIds = new Set(rows.map(({ authorId }) => authorId))
  const items = await eventually(() => feedFrom(api(), rows[0]?.id ?? 0))
  const shown = items.filter(({ author }) => authorIds.has(author.id))
  const cards = await eventually(() => cardsOf(rows.map(({ id }) => id)))
  const listed = (await Promise.all([...authorIds].map(listVideos))).flat()
  return [
    ...checkSame('the feed', expected, new Map(shown.map(({ id, title }) => [id, title]))),
    ...checkNoRepeats(
      'the feed',
      items.map(({ id }) => id),
    ),
    ...checkSame('the videos by their ids', expected, new Map(cards.map(({ id, title }) => [id, title]))),
    ...checkSame('the lists of the authors', expected, new Map(listed.map(({ id, title }) => [id, title]))),
  ]
}

async function listVideos(authorId: number) {
  const videos: { id: number; title: string }[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await eventually(() =>
      api().videos.listByAuthor({ id: authorId as never, limit: 100 as never, ...(cursor ? { cursor } : {}) }),
    )
    videos.push(...page.items)
    cursor = page.nextCursor
  }
  return videos
}

/** Whatever can be seen can be played. */
function checkFiles(rows: VideoRow[]): Violation[] {
  const missing = live(rows).filter(({ videoKey }) => !existsSync(join(mediaStoreFolder(home), publicKey(videoKey))))
  return missing.map(({ id, videoKey }) => ({ rule: 'lost', subject: id, detail: `the file ${videoKey} is gone` }))
}
