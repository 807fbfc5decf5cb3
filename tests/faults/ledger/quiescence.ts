import { connectAsRoot } from '../../support/scratch-database.ts'
import { eventually, healthy } from '../../support/stack.ts'
import { consumerLag } from './kafka.ts'
import { queryMysql } from './stores.ts'

const patienceMs = 120_000

/**
 * Waits until the system rests: every part is healthy by itself, everything is made of every video,
 * every outbox is empty, and every consumer group has handled everything.
 *
 * @returns how long that took, in ms
 */
export async function awaitQuiescence(): Promise<number> {
  const startedAt = performance.now()
  await healthy(undefined, { timeoutMs: patienceMs })
  await eventually(async () => (await mediaJobs()) === 0, { timeoutMs: 300_000, what: 'every media job is done' })
  await eventually(async () => (await unpublished()) === 0, { timeoutMs: patienceMs, what: 'every outbox is empty' })
  await eventually(async () => [...(await consumerLag()).values()].every((lag) => lag === 0), {
    timeoutMs: patienceMs,
    intervalMs: 300,
    what: 'every event is handled',
  })
  return Math.round(performance.now() - startedAt)
}

async function mediaJobs(): Promise<number> {
  const [row] = await queryMysql<{ count: number }>(
    'select count(*) as count from video.media_job where is_given_up = 0',
  )
  return Number(row?.count)
}

/** How many events wait in the outboxes of all services. */
export async function unpublished(): Promise<number> {
  const admin = await connectAsRoot()
  try {
    const [tables] = await admin.query(
      "select table_schema as owner from information_schema.tables where table_name = 'outbox' and table_schema not like 'scratch%'",
    )
    let waiting = 0
    for (const { owner } of tables as { owner: string }[]) {
      const [rows] = await admin.query(`select count(*) as waiting from \`${owner}\`.outbox`)
      waiting += Number((rows as { waiting: number }[])[0]?.waiting)
    }
    return waiting
  } finally {
    await admin.end()
  }
}
