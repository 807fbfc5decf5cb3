import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mediaFolder, mediaStoreFolder, publicKey } from '@fanone/storage'
import { home } from '../../../support/stack.ts'
import type { Violation } from '../checker.ts'
import { queryMysql } from '../stores.ts'
import type { Evidence } from '../workload.ts'

interface MediaRow {
  id: number
  uploadId: string
  state: string
  reason: string
  sourceKey: string
  videoKey: string
  hlsKey: string
  storyboardKey: string
}

/** Folders of attempts, which the janitor removes where the video does not name them. */
const ATTEMPT = /^(faststart|renditions|storyboard)-[0-9a-f]{32}$/
/** Three kills of the same job are its end; that is no loss. */
const GIVEN_UP = 'It was tried several times and never finished'

/** Everything is made of every video that is there, once, and the upload is what was sent. */
export async function checkMedia(
  authors: { id: number }[],
  { messages }: Evidence,
  sent: Buffer,
): Promise<Violation[]> {
  const rows = await queryMysql<MediaRow>(
    `select id, upload_id as uploadId, state, reason, source_key as sourceKey, video_key as videoKey,
       hls_key as hlsKey, storyboard_key as storyboardKey
     from video.video where author_id in (?) and deleted_at is null`,
    [authors.map(({ id }) => id)],
  )
  const ready = Map.groupBy(
    messages.filter(({ topic }) => topic === 'video.ready').map(({ value }) => JSON.parse(value)),
    ({ data }) => Number(data.videoId),
  )
  const violations: Violation[] = []
  for (const row of rows) {
    if (row.state === 'failed' && row.reason === GIVEN_UP) continue
    const lost = (detail: string) => violations.push({ rule: 'lost', subject: row.id, detail })
    if (row.state !== 'ready') lost(`is ${row.state}: ${row.reason}`)
    const ids = new Set((ready.get(row.id) ?? []).map(({ id }) => id))
    if (ids.size !== 1) violations.push({ rule: 'duplicate', subject: row.id, detail: `ready ${ids.size} times` })
    for (const key of [row.sourceKey, row.videoKey, row.hlsKey, row.storyboardKey])
      if (key === '' || !existsSync(fileOf(publicKey(key)))) lost(`the file ${key} is gone`)
    if (!(await isSame(fileOf(publicKey(row.sourceKey)), sent))) lost('its upload is not what was sent')
    for (const name of await readdir(fileOf(mediaFolder(row.uploadId))))
      if (!/^(video\.webm|cover\.jpg)$/.test(name) && !ATTEMPT.test(name))
        violations.push({ rule: 'invented', subject: row.id, detail: `${name} is of nobody` })
  }
  return violations
}

const fileOf = (key: string) => join(mediaStoreFolder(home), key)

async function isSame(path: string, bytes: Buffer): Promise<boolean> {
  const sum = (content: Buffer) => createHash('sha256').update(content).digest('hex')
  return sum(await readFile(path).catch(() => Buffer.alloc(0))) === sum(bytes)
}
