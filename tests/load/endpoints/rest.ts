import { awaitQuiescence } from '../../faults/ledger/quiescence.ts'
import { queryMysql } from '../../faults/ledger/stores.ts'
import { eventually } from '../../support/stack.ts'
import type { Community } from './community.ts'
import { type BondName, bonds } from './writes.ts'

const PATIENCE = { timeoutMs: 120_000, intervalMs: 50 }

/**
 * Waits until every change is told everywhere: counted by stats, told by stats, taken in by all
 * consumers.
 *
 * @returns how many such bonds there are
 * @throws Error where stats counts another number than is stored
 */
export async function awaitApplied(name: BondName, community: Community): Promise<number> {
  const { stored, applied } = bonds[name]
  const count = await countOf(stored, community)
  const counted = { what: `stats counts ${count} of ${name}`, ...PATIENCE }
  await eventually(async () => (await countOf(applied, community)) === count, counted)
  await awaitRest()
  return count
}

/** Waits until nothing is left of what was done. */
export async function awaitRest(): Promise<void> {
  const changed = "select count(*) as n from stats.changed_counter where subject <> 'rankings:0'"
  await eventually(async () => (await queryMysql<{ n: number }>(changed))[0]?.n === 0, PATIENCE)
  await awaitQuiescence()
}

async function countOf(statement: string, { written, members }: Community): Promise<number> {
  const ids: unknown[] = []
  const sql = statement.replace(/:(written|members)/g, (_all, name) => {
    ids.push(name === 'written' ? written : members.map(({ id }) => id))
    return '?'
  })
  return Number((await queryMysql<{ n: number | string }>(sql, ids))[0]?.n)
}
