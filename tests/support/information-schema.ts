import type { Connection } from 'mysql2/promise'

/** What MySQL says of each table: its columns, keys and foreign keys. */
const questions = {
  tables: `select engine, table_collation from information_schema.tables where table_schema = ? and table_name = ?`,
  columns: `select column_name, ordinal_position, column_type, is_nullable, column_default, extra, character_set_name, collation_name
    from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position`,
  keys: `select index_name, non_unique, sub_part, group_concat(column_name order by seq_in_index) as columns
    from information_schema.statistics where table_schema = ? and table_name = ?
    group by index_name, non_unique, sub_part order by index_name`,
  foreignKeys: `select k.constraint_name, column_name, k.referenced_table_name, referenced_column_name, update_rule, delete_rule
    from information_schema.key_column_usage k
    join information_schema.referential_constraints r
      on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name
    where k.table_schema = ? and k.table_name = ? order by k.constraint_name, ordinal_position`,
}

/** A database's schema by table, without the ORM's list of migrations. */
export async function readSchema(admin: Connection, database: string): Promise<Record<string, unknown>> {
  const [tables] = await admin.query(
    `select table_name as name from information_schema.tables
      where table_schema = ? and table_name <> 'mikro_orm_migrations' order by table_name`,
    [database],
  )
  const schema: Record<string, Record<string, unknown>> = {}
  for (const { name } of tables as { name: string }[]) {
    const facts: Record<string, unknown> = {}
    for (const [what, sql] of Object.entries(questions)) facts[what] = (await admin.query(sql, [database, name]))[0]
    schema[name] = facts
  }
  return schema
}
