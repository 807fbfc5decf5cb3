import type { ExpressionBuilder, ExpressionWrapper, QueryResult, SelectType, SqlBool } from 'kysely'
import { type EntityManager, TransactionConflict } from './database.ts'
import type { Param } from './prepare.ts'

/** What each column of a key is to be, read from an input. */
type KeyOf<Row, Input> = { [Column in keyof Row & string]?: (input: Input) => SelectType<Row[Column]> }

/**
 * The condition of rows that have any of some keys: each a look-up in an index, where MariaDB goes
 * through the table for pairs after `in`.
 */
export function hasAnyKey<Tables, Table extends keyof Tables, Input>(
  eb: ExpressionBuilder<Tables, Table>,
  params: Param<Input>[],
  key: KeyOf<Tables[Table], Input>,
): ExpressionWrapper<Tables, Table, SqlBool> {
  const columns = Object.entries(key) as [column: never, read: (input: Input) => never][]
  return eb.or(params.map((param) => eb.and(columns.map(([column, read]) => eb(column, '=', param(read))))))
}

/**
 * Inserts rows that nobody had when they were looked for.
 *
 * @param insert leaves out rows whose key is there (`ignore`)
 * @throws TransactionConflict where another call has inserted one of them since
 */
export async function insertAll<Row>(
  em: EntityManager,
  rows: readonly Row[],
  insert: (em: EntityManager, rows: readonly Row[]) => Promise<QueryResult<unknown>>,
): Promise<void> {
  if (rows.length === 0) return
  const { numAffectedRows } = await insert(em, rows)
  if (numAffectedRows !== BigInt(rows.length)) throw new TransactionConflict('a row was inserted meanwhile')
}

/**
 * Locks rows and writes them.
 *
 * @param steps.isUnchanged whether a locked row is still as it was when it was read
 * @throws TransactionConflict where another call has changed or deleted one of them since
 */
export async function writeAll<Row, Locked>(
  em: EntityManager,
  rows: readonly Row[],
  steps: {
    lock: (em: EntityManager, rows: readonly Row[]) => Promise<QueryResult<Locked>>
    isUnchanged?: (locked: Locked) => boolean
    write: (em: EntityManager, rows: readonly Row[]) => Promise<unknown>
  },
): Promise<void> {
  if (rows.length === 0) return
  const { lock, isUnchanged = () => true, write } = steps
  const { rows: locked } = await lock(em, rows)
  if (locked.length < rows.length || !locked.every(isUnchanged)) throw new TransactionConflict('a row has changed')
  await write(em, rows)
}
