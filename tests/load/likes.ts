/**
 * What a like costs that is acknowledged after a durable commit: the service's own code, one by one
 * and in groups as shared calls bring them, against the same transaction (hold the content, insert
 * the like, insert its event, commit) by mysql2 alone, and what a list of 20 comments costs.
 * Interleaved rounds on a database of its own; prints likes a second, CPU of this process, and
 * their ratios to mysql2.
 *
 * Run on a stack (FANONE_HOME and FANONE_PORT_BASE as in npm start): node tests/load/likes.ts
 * [rounds]
 */
import { createPool, type Pool } from 'mysql2/promise'
import type { LikeCall } from '../../services/interaction/src/like/like.changes.ts'
import { interactionParts, userWithId } from '../interaction/interaction-parts.ts'
import { port, secrets } from '../support/stack.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'

const LIKES = 1_000
const LISTS = 500
/** About what 32 connections bring at once; a divisor of LIKES. */
const GROUP = 25
const CONNECTIONS = 10
/** No more than there are connections: waiting for one is no part of what is compared. */
const CALLERS = CONNECTIONS
const VIDEOS = 50

const rounds = Number(process.argv[2] ?? 5)
const parts = await interactionParts()
const [own] = await parts.database.em().execute<{ name: string }[]>('select database() as name')
const pool = createPool({
  host: '127.0.0.1',
  port: port(7001),
  user: 'root',
  password: (await secrets())['mysql-password-root'] as string,
  database: String(own?.name),
  connectionLimit: CONNECTIONS,
})
let lastUser = 0
let lastId = 2 ** 50

/** `size` is how many likes one run makes. */
const variants: Record<string, { times: number; size?: number; run: () => Promise<unknown> }> = {
  mysql2: { times: LIKES, run: () => likeByMysql(pool) },
  service: { times: LIKES, run: () => parts.likes.like(userWithId(++lastUser), { kind: 'video', id: video() }) },
  [`service, groups of ${GROUP}`]: {
    times: LIKES / GROUP,
    size: GROUP,
    run: () => parts.likes.service.likeMany(group()),
  },
  'list of 20 comments': {
    times: LISTS,
    run: () => parts.comments.list({ target: { kind: 'video', id: 1 }, offset: 0, limit: 20 }),
  },
}

try {
  await seed()
  await compare()
} finally {
  await pool.end()
  await parts.close()
}

function group(): LikeCall[] {
  return Array.from({ length: GROUP }, () =>
    parts.likes.callOf('like', userWithId(++lastUser), { kind: 'video', id: video() }),
  )
}

function video(): number {
  return (lastUser % VIDEOS) + 1
}

async function seed(): Promise<void> {
  const videos = Array.from({ length: VIDEOS }, (_, index) => ['video', index + 1, 1])
  await parts.query('insert into @.content (kind, id, author_id) values ?', [videos])
  const comments = Array.from({ length: 1_000 }, (_, index) => [index + 1, 'video', 1, 1, 0, 2, `comment ${index}`])
  await parts.query('insert into @.comment (id, kind, content_id, author_id, parent_id, user_id, text) values ?', [
    comments,
  ])
}

async function likeByMysql(from: Pool): Promise<void> {
  const [userId, videoId, id] = [++lastUser, video(), ++lastId]
  const connection = await from.getConnection()
  try {
    await connection.query('begin')
    await connection.query(
      'select author_id from content where kind = ? and id = ? and deleted_at is null lock in share mode',
      ['video', videoId],
    )
    await connection.query(
      'insert ignore into content_like (id, kind, content_id, author_id, user_id, liked_id) values (?, ?, ?, ?, ?, ?)',
      [id, 'video', videoId, 1, userId, id],
    )
    const data = JSON.stringify({ kind: 'video', contentId: videoId, authorId: 1, userId, at: new Date() })
    await connection.query(
      'insert into outbox (id, topic, type, aggregate_id, data, created_at) values (?, ?, ?, ?, ?, ?)',
      [id, 'content.liked', 'content.liked.v1', `${userId}:video:${videoId}`, data, new Date()],
    )
    await connection.query('commit')
  } finally {
    connection.release()
  }
}

async function compare(): Promise<void> {
  const results = Object.fromEntries(
    Object.keys(variants).map((variant) => [variant, { rate: [] as number[], cpuMs: [] as number[] }]),
  )
  for (let round = 0; round <= rounds; round++) {
    for (const [variant, { times, size = 1, run }] of Object.entries(variants)) {
      const [cpu, startedAt] = [process.cpuUsage(), performance.now()]
      await inParallel(times, run)
      const seconds = (performance.now() - startedAt) / 1_000
      const { user, system } = process.cpuUsage(cpu)
      const isWarmUp = round === 0
      if (isWarmUp) continue
      results[variant]?.rate.push((times * size) / seconds)
      results[variant]?.cpuMs.push((user + system) / 1_000 / (times * size))
    }
    await parts.query('truncate @.outbox')
  }
  const base = results.mysql2 as { rate: number[]; cpuMs: number[] }
  const rows = Object.entries(results).map(([variant, { rate, cpuMs }]) => [
    variant,
    median(rate).toFixed(0),
    (median(rate) / median(base.rate)).toFixed(2),
    median(cpuMs).toFixed(3),
    (median(cpuMs) / median(base.cpuMs)).toFixed(2),
  ])
  await printTable(['what', 'a second', 'of mysql2', 'CPU ms in this process', 'of mysql2'], rows)
}

async function inParallel(times: number, run: () => Promise<unknown>): Promise<void> {
  let left = times
  const caller = async () => {
    while (left-- > 0) await run()
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
}
