import { type RawBuilder, sql } from 'kysely'

/**
 * For `onDuplicateKeyUpdate` of a projection whose rows have a `version`: a row takes these columns
 * of what is inserted unless it is newer itself.
 */
export function newest<Column extends string>(columns: readonly Column[]): Record<Column, RawBuilder<never>> {
  const taken = columns.map((column) => [
    column,
    sql<never>`if(values(version) >= version, values(${sql.ref(column)}), ${sql.ref(column)})`,
  ])
  // Last, because assignments are made one after the other and the others look at it.
  return Object.fromEntries([...taken, ['version', sql<never>`greatest(version, values(version))`]])
}
