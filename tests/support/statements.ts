import { connectAsRoot } from './scratch-database.ts'

/**
 * Counts the statements that MySQL gets while `work` runs, by its own log.
 *
 * @param pattern SQL pattern of the statements that count
 * @param options.user whose statements count; everybody's where nobody else works
 */
export async function countStatements(
  pattern: string,
  work: () => Promise<unknown>,
  { user = '%' }: { user?: string } = {},
): Promise<number> {
  const admin = await connectAsRoot()
  try {
    await admin.query("set global log_output = 'TABLE'")
    await admin.query('truncate table mysql.general_log')
    await admin.query('set global general_log = 1')
    await work()
    await admin.query('set global general_log = 0')
    const [rows] = await admin.query(
      `select count(*) as statements from mysql.general_log where command_type in ('Query', 'Execute')
         and user_host like ? and argument like ? and argument not like '%general_log%'`,
      [`${user}[%`, pattern],
    )
    return Number((rows as { statements: number }[])[0]?.statements)
  } finally {
    await admin.query('set global general_log = 0')
    await admin.query('truncate table mysql.general_log')
    await admin.end()
  }
}
