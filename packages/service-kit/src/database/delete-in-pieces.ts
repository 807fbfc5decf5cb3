import type { DeleteResult } from 'kysely'

const ROWS_IN_A_PIECE = 1_000

interface Deletion {
  limit(rows: number): { executeTakeFirst(): Promise<DeleteResult> }
}

/** Deletes rows in pieces that hold no lock for long, until none is left or `signal` aborts. */
export async function deleteInPieces(deletion: Deletion, signal?: AbortSignal): Promise<void> {
  const piece = deletion.limit(ROWS_IN_A_PIECE)
  let deleted = ROWS_IN_A_PIECE
  while (deleted === ROWS_IN_A_PIECE && !signal?.aborted)
    deleted = Number((await piece.executeTakeFirst()).numDeletedRows)
}
