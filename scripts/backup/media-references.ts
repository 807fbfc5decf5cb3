import { publicKey } from '@fanone/storage'
import type { Connection, RowDataPacket } from 'mysql2/promise'

/** Columns that name public media, in the databases of the services that own these. */
const references = [
  {
    database: 'video',
    table: 'video',
    columns: ['video_key', 'cover_key', 'source_key', 'hls_key', 'storyboard_key'],
    where: 'deleted_at is null',
  },
  { database: 'user', table: 'profile', columns: ['avatar_key', 'background_key'], where: 'true' },
]

/** Media that rows name and the listing lacks, each once. */
export async function missingMedia(
  connection: Connection,
  databases: readonly string[],
  isListed: (key: string) => boolean,
): Promise<string[]> {
  const missing = new Set<string>()
  for (const { database, table, columns, where } of references.filter((one) => databases.includes(one.database)))
    for (const column of columns) {
      const [rows] = await connection.query<RowDataPacket[]>(
        `select ?? as name from ??.?? where ${where} and ?? is not null and ?? <> ''`,
        [column, database, table, column, column],
      )
      for (const { name } of rows) if (!isListed(publicKey(name))) missing.add(publicKey(name))
    }
  return [...missing].toSorted()
}
