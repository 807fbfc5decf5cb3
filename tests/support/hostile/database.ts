import { connectAsRoot } from '../scratch-database.ts'

/** Columns of everything that people own, as the databases hold them. */
export interface OwnedRows {
  account: Record<string, unknown>
  profile: Record<string, unknown>
  videos: Record<string, unknown>[]
  comments: Record<string, unknown>[]
  likes: Record<string, unknown>[]
  passkeys: Record<string, unknown>[]
  /** Those that are open. */
  sessions: unknown[]
}

/** Reads a user's rows past the services; dates as text, so that rows can be compared. */
export async function ownedRows(userId: number): Promise<OwnedRows> {
  const admin = await connectAsRoot()
  const read = async (table: string, column: string) => {
    const [rows] = await admin.query({ sql: `select * from ${table} where ${column} = ? order by id` }, [userId])
    return JSON.parse(JSON.stringify(rows)) as Record<string, unknown>[]
  }
  try {
    const [account] = await read('user.account', 'id')
    const [profile] = await read('user.profile', 'id')
    if (!account || !profile) throw new Error(`there is no user ${userId}`)
    return {
      account,
      profile,
      videos: await read('video.video', 'author_id'),
      comments: await read('interaction.comment', 'user_id'),
      likes: await read('interaction.content_like', 'user_id'),
      passkeys: await read('user.passkey', 'user_id'),
      sessions: (await read('user.session', 'user_id')).filter((row) => row.ended_at === null).map(({ id }) => id),
    }
  } finally {
    await admin.end()
  }
}
