import { composeId } from '@fanone/contracts'
import { newMember } from '../support/community.ts'
import { send } from '../support/http.ts'
import { connectAsRoot } from '../support/scratch-database.ts'
import { cli, eventually } from '../support/stack.ts'
import { newestPath } from './feed-requests.ts'

const AUTHORS = 5

/**
 * Fills the feed without uploads: rows in the catalogue, then a rebuild of the feed. Texts as
 * people write them, by several authors; the newest of the feed.
 *
 * @returns them, newest first, and what takes them out again
 */
export async function addVideos(count: number): Promise<{
  videos: { id: number; authorId: number }[]
  remove(): Promise<void>
}> {
  const authors: number[] = []
  for (let author = 0; author < AUTHORS; author++) authors.push((await newMember('author')).user.id)
  // So close together that no video of another test comes between them.
  const nowMs = Date.now()
  const rows = Array.from({ length: count }, (_, index) =>
    videoRow(nowMs - index, index, authors[index % AUTHORS] as number),
  )
  const columns = Object.keys(rows[0] as object).join(', ')
  await inCatalogue(`insert into video.video (${columns}) values ?`, [rows.map((row) => Object.values(row))])
  // The gateway may show what it remembers for some seconds more.
  await eventually(async () => {
    const { items } = (await send('GET', newestPath)).json as { items: { id: number }[] }
    return items[0]?.id === rows[0]?.id
  })
  const remove = () => inCatalogue('delete from video.video where id in (?)', [rows.map(({ id }) => id)])
  return { videos: rows.map(({ id, author_id: authorId }) => ({ id, authorId })), remove }
}

async function inCatalogue(statement: string, values: unknown[]): Promise<void> {
  const admin = await connectAsRoot()
  await admin.query(statement, values as never).finally(() => admin.end())
  const { exitCode, all } = await cli('feed:rebuild')
  if (exitCode !== 0) throw new Error(all)
}

function videoRow(createdAtMs: number, index: number, authorId: number) {
  const id = composeId({ timeMs: createdAtMs, worker: 0, sequence: index % 16 })
  const upload = id.toString(16).padStart(32, '0')
  const createdAt = new Date(createdAtMs)
  return {
    id,
    author_id: authorId,
    upload_id: upload,
    title: `Evening ride along the river, part ${index}`,
    description: 'Filmed with a phone. The "old bridge" is at 0:42; 桥 and 🚲 included.',
    video_key: `${upload.slice(-2)}/${upload}/video.mp4`,
    cover_key: `${upload.slice(-2)}/${upload}/cover.jpg`,
    duration_ms: 61_000 + index,
    width: 1920,
    height: 1080,
    size_bytes: 12_345_678,
    version: 1,
    created_at: createdAt,
    updated_at: createdAt,
  }
}
