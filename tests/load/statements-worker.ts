/**
 * One side of `statements.ts`: the interaction, relation and video services of a checkout, each
 * over a database of its own. Started with the path of the checkout; does what it is sent by name
 * and answers what that cost.
 */
import { join, resolve } from 'node:path'
import type { interactionParts } from '../interaction/interaction-parts.ts'
import type { relationParts } from '../relation/relation-parts.ts'
import type { videoParts } from '../video/video-parts.ts'
import { readCpu } from './cpu.ts'

/** What a round of one kind cost. */
export interface Cost {
  /** CPU of this process for each, in ms. */
  ownMs: number
  /** CPU of MySQL for each, in ms. */
  mysqlMs: number
}

/** No more than there are connections: waiting for one is no part of what is compared. */
const CALLERS = 10
const VIDEOS = 50
const USERS = 300
const FOLLOWS_EACH = 60
const FIRST_USER = 10
const WORKS = 520

const checkout = resolve(process.argv[2] as string)
const load = <Module>(path: string) => import(join(checkout, 'tests', path)) as Promise<Module>
const { interactionParts: openInteraction } = await load<{ interactionParts: typeof interactionParts }>(
  'interaction/interaction-parts.ts',
)
const { relationParts: openRelation } = await load<{ relationParts: typeof relationParts }>(
  'relation/relation-parts.ts',
)
const { videoParts: openVideo } = await load<{ videoParts: typeof videoParts }>('video/video-parts.ts')
const interaction = await openInteraction()
const relation = await openRelation()
const catalogue = await openVideo()
const [row] = await interaction.query<{ path: string }>('select @@pid_file as path')
const { readFile } = await import('node:fs/promises')
const mysql = Number(await readFile(row?.path ?? '', 'utf8'))

let lastUser = 1_000
const as = (userId: number) => ({ userId, sessionId: 'load' })
const video = (index: number) => ({ kind: 'video', id: (index % VIDEOS) + 1 }) as const
const thirty = Array.from({ length: 30 }, (_, index) => index + 90)

/** What is compared, and how often a round does it. */
const jobs: Record<string, { times: number; run: (index: number) => Promise<unknown> }> = {
  like: { times: 1_000, run: () => interaction.likes.like(as(++lastUser), video(lastUser)) },
  'list of 20 comments': {
    times: 500,
    run: () => interaction.comments.list({ target: video(0), offset: 0, limit: 20 }),
  },
  'likes of 30 videos by one viewer': {
    times: 500,
    run: () => interaction.likes.flags([{ userId: 42, kind: 'video', ids: thirty }]),
  },
  'likes of 30 videos by 10 viewers': {
    times: 100,
    run: () => interaction.likes.flags(thirty.slice(0, 10).map((userId) => ({ userId, kind: 'video', ids: thirty }))),
  },
  'what a user likes, 20': {
    times: 500,
    run: () => interaction.likes.listByUser({ userId: 42, kind: 'video', offset: 0, limit: 20 }),
  },
  'whom a user follows, 20': {
    times: 500,
    run: (index) => relation.service.list({ list: 'following', userId: FIRST_USER + (index % USERS), limit: 20 }),
  },
  'friends of a user, 20': {
    times: 500,
    run: (index) => relation.service.list({ list: 'friends', userId: FIRST_USER + (index % USERS), limit: 20 }),
  },
  'follows between one viewer and 30': {
    times: 500,
    run: () => relation.service.flags([{ userId: 100, otherIds: thirty }]),
  },
  'follows between 10 viewers and 30': {
    times: 100,
    run: () => relation.service.flags(thirty.slice(0, 10).map((userId) => ({ userId, otherIds: thirty }))),
  },
  'works of a user, 20': {
    times: 500,
    run: (index) => catalogue.catalogue.listByAuthor({ authorId: FIRST_USER + (index % 10), limit: 20 }),
  },
  'works of a user with their number, 20': {
    times: 500,
    run: (index) => catalogue.catalogue.pageByAuthor({ authorId: FIRST_USER + (index % 10), offset: 0, limit: 20 }),
  },
}

await seed()
process.on('message', async (name: string) => {
  if (name === 'end') {
    await interaction.close()
    await relation.close()
    await catalogue.close()
    process.exit(0)
  }
  process.send?.(await measure(name))
})
process.send?.(Object.keys(jobs))

async function seed(): Promise<void> {
  const videos = Array.from({ length: VIDEOS }, (_, index) => ['video', index + 1, 1])
  await interaction.query('insert into @.content (kind, id, author_id) values ?', [videos])
  const comments = Array.from({ length: 1_000 }, (_, index) => [index + 1, 'video', 1, 1, 0, 2, `comment ${index}`])
  await interaction.query(
    'insert into @.comment (id, kind, content_id, author_id, parent_id, user_id, text) values ?',
    [comments],
  )
  const likes = Array.from({ length: 20_000 }, (_, index) => {
    const [user, content] = [index % 200, Math.floor(index / 200)]
    return [index + 1, 'video', content + 1, 1, user, index % 3 === 0 ? null : index + 1]
  })
  await interaction.query('insert into @.content_like (id, kind, content_id, author_id, user_id, liked_id) values ?', [
    likes,
  ])
  for (let user = 0; user < USERS; user++) {
    const em = relation.database.em()
    const rows = Array.from({ length: FOLLOWS_EACH }, (_, index) => {
      const distance = 1 + Math.floor(index / 2)
      const followee = (user + (index % 2 === 0 ? distance : USERS - distance)) % USERS
      const position = user * 1_000 + index + 1
      return [FIRST_USER + user, FIRST_USER + followee, position, Number(index % 7 !== 0), 1, new Date()]
    })
    const places = rows.map(() => '(?, ?, ?, ?, ?, ?)').join()
    await em.execute(
      `insert ignore into follow (follower_id, followee_id, position, is_active, version, changed_at) values ${places}`,
      rows.flat(),
      'run',
    )
  }
  await seedWorks()
  for (const table of ['content', 'comment', 'content_like']) await interaction.query(`analyze table @.${table}`)
  await relation.database.em().execute('analyze table follow')
}

async function seedWorks(): Promise<void> {
  const rows = Array.from({ length: WORKS }, (_, index) => {
    const at = new Date()
    const keys = [`videos/${index}`, `covers/${index}`]
    const upload = String(index).padStart(32, '0')
    return [index + 1, FIRST_USER + (index % 10), upload, `work ${index}`, 'about', ...keys, 1, 1, 1, 1, 1, at, at]
  })
  const places = rows.map((row) => `(${row.map(() => '?').join()})`).join()
  const columns =
    'id, author_id, upload_id, title, description, video_key, cover_key, duration_ms, width, height, size_bytes, version, created_at, updated_at'
  await catalogue.database.em().execute(`insert into video (${columns}) values ${places}`, rows.flat(), 'run')
  await catalogue.database.em().execute('analyze table video')
}

async function measure(name: string): Promise<Cost> {
  const { times, run } = jobs[name] as (typeof jobs)[string]
  await interaction.query('truncate @.outbox')
  const [own, server] = [process.cpuUsage(), readCpu({ mysql })]
  let done = 0
  const caller = async () => {
    while (done < times) await run(done++)
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  const { user, system } = process.cpuUsage(own)
  const serverMs = (readCpu({ mysql }).mysql ?? 0) - (server.mysql ?? 0)
  return { ownMs: (user + system) / 1_000 / times, mysqlMs: serverMs / times }
}
