import type { Database, EntityManager } from './database.ts'

/**
 * Reads without locks, and begins a transaction only where something has to change. The first try
 * takes what was read, so `change` throws a `TransactionConflict` where that is no longer so; every
 * further try reads anew.
 *
 * @param steps.expected what the first try takes instead of reading, where it is nearly always so
 * @param steps.settle answers where nothing has to change, undefined otherwise
 */
export async function readThenChange<Read extends object, Answer>(
  database: Database,
  steps: {
    expected?: Read | undefined
    read: (em: EntityManager) => Promise<Read>
    settle: (found: Read) => Answer | undefined
    change: (em: EntityManager, found: Read) => Promise<Answer>
  },
): Promise<Answer> {
  let first: Read | undefined = steps.expected ?? (await steps.read(database.em()))
  const settled = steps.settle(first)
  if (settled !== undefined) return settled
  return database.transaction(async (em) => {
    const found = first ?? (await steps.read(em))
    first = undefined
    return steps.change(em, found)
  })
}
