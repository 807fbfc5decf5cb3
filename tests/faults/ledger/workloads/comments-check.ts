import { api } from '../../../support/community.ts'
import { checkCreated, checkSame, type Violation } from '../checker.ts'
import type { Message } from '../kafka.ts'
import { queryMysql } from '../stores.ts'
import type { Evidence } from '../workload.ts'
import { settle } from './likes-check.ts'

interface CommentRow {
  id: number
  videoId: number
  /** 0 for a comment on the video itself. */
  parentId: number
  text: string
  isDeleted: 0 | 1
}

/** Compares ledger, rows, events on Kafka and counters. */
export async function checkComments(videoIds: number[], { operations, messages }: Evidence): Promise<Violation[]> {
  const rows = await queryMysql<CommentRow>(
    `select id, content_id as videoId, parent_id as parentId, text, deleted_at is not null as isDeleted
     from interaction.comment where kind = 'video' and content_id in (?)`,
    [videoIds],
  )
  const of = (op: string) => operations.filter((operation) => operation.op === op)
  return [
    ...checkCreated(
      of('comment.create'),
      rows.map(({ text }) => text),
    ),
    ...checkDeletions(rows, of('comment.delete')),
    ...checkThreads(rows),
    ...checkCommentEvents(rows, messages),
    ...(await checkCounters(videoIds, rows)),
  ]
}

/** Deleted comments are gone; missing ones were deleted, or their parent was. */
function checkDeletions(rows: CommentRow[], deletions: Evidence['operations']): Violation[] {
  const asked = Map.groupBy(deletions, ({ subject }) => subject)
  const mayBeGone = (id: number) => asked.get(id)?.some(({ outcome }) => outcome !== 'fail') ?? false
  return rows.flatMap(({ id, parentId, isDeleted }): Violation[] => {
    if (!isDeleted && asked.get(id)?.some(({ outcome }) => outcome === 'ok'))
      return [{ rule: 'resurrected', subject: id, detail: 'deleted and still visible' }]
    if (isDeleted && !mayBeGone(id) && !mayBeGone(parentId))
      return [{ rule: 'lost', subject: id, detail: 'gone, and nobody deleted it' }]
    return []
  })
}

/** No visible reply without its comment, and none below a reply. */
function checkThreads(rows: CommentRow[]): Violation[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return rows.flatMap(({ id, parentId, isDeleted }): Violation[] => {
    const parent = byId.get(parentId)
    if (parentId === 0 || isDeleted) return []
    if (!parent || parent.isDeleted) return [{ rule: 'orphan', subject: id, detail: `comment ${parentId} is gone` }]
    if (parent.parentId !== 0) return [{ rule: 'nested', subject: id, detail: `${parentId} is a reply itself` }]
    return []
  })
}

/** Each row has one event, and its deletion one. */
function checkCommentEvents(rows: CommentRow[], messages: Message[]): Violation[] {
  const told = new Map<string, Set<string>>()
  for (const { topic, value } of messages) {
    if (!topic.startsWith('comment.')) continue
    const { id, data } = JSON.parse(value) as { id: string; data: { commentId: number } }
    const name = `${topic} ${data.commentId}`
    told.set(name, (told.get(name) ?? new Set()).add(id))
  }
  const count = (topic: string, id: number) => told.get(`${topic} ${id}`)?.size ?? 0
  return rows.flatMap(({ id, isDeleted }) => {
    const expected = { 'comment.created': 1, 'comment.deleted': Number(isDeleted) }
    return Object.entries(expected).flatMap(([topic, wanted]): Violation[] => {
      const found = count(topic, id)
      if (found === wanted) return []
      return [{ rule: found < wanted ? 'lost' : 'duplicate', subject: id, detail: `${topic} ${found} times` }]
    })
  })
}

/** What stats counts: comments of a video without the replies, replies of a comment. */
async function checkCounters(videoIds: number[], rows: CommentRow[]): Promise<Violation[]> {
  const visible = rows.filter(({ isDeleted }) => !isDeleted)
  const parents = visible.filter(({ parentId }) => parentId === 0)
  const expected = new Map(
    [...videoIds, ...parents.map(({ id }) => id)].map((id) => {
      const isVideo = videoIds.includes(id)
      const below = isVideo ? parents.filter((row) => row.videoId === id) : visible.filter((row) => row.parentId === id)
      return [id, `${below.length} comments`]
    }),
  )
  return settle(
    () => readCounters(videoIds),
    (held) => checkSame('the counters', expected, held),
  )
}

async function readCounters(videoIds: number[]): Promise<Map<number, string>> {
  const held = new Map<number, string>()
  for (const id of videoIds) {
    held.set(id, `${(await api().videos.get({ id })).counters.comments} comments`)
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await api().comments.list({ id, limit: 100 as never, ...(cursor ? { cursor } : {}) })
      for (const comment of page.items) held.set(comment.id, `${comment.counters.comments} comments`)
      cursor = page.nextCursor
    }
  }
  return held
}
