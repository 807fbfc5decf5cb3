import type { Operation } from './ledger.ts'

/** A rule that does not hold, and where. */
export interface Violation {
  rule: string
  /** The key, id or title it is about. */
  subject: string | number
  detail: string
}

/**
 * Compares creations with stored rows: acknowledged ⊆ stored ⊆ acknowledged ∪ unknown, and nothing
 * twice.
 *
 * @param creations the operations that create, each with its own key
 * @param stored the keys of all rows
 */
export function checkCreated(creations: Operation[], stored: string[]): Violation[] {
  const violations: Violation[] = []
  const times = new Map<string, number>()
  for (const key of stored) times.set(key, (times.get(key) ?? 0) + 1)
  const byKey = new Map(creations.map((operation) => [operation.key, operation]))
  for (const { key, outcome } of creations)
    if (outcome === 'ok' && !times.has(key))
      violations.push({ rule: 'lost', subject: key, detail: 'acknowledged and not stored' })
  for (const [key, count] of times) {
    const outcome = byKey.get(key)?.outcome
    if (outcome === undefined) violations.push({ rule: 'invented', subject: key, detail: 'stored and never asked for' })
    if (outcome === 'fail') violations.push({ rule: 'invented', subject: key, detail: 'refused and stored' })
    if (count > 1) violations.push({ rule: 'duplicate', subject: key, detail: `stored ${count} times` })
  }
  return violations
}

/**
 * The values that a place may hold after these writes: those that can be last in an order that the
 * times allow. A write answered before an acknowledged one was sent is overwritten; an unanswered
 * one may take effect at any time.
 *
 * @param writes in any order, of one subject
 * @param initial the value before, until an acknowledged write has replaced it
 */
export function possibleValues(writes: Operation[], initial?: string): Set<string | undefined> {
  const effective = writes.filter(({ outcome }) => outcome !== 'fail')
  const acknowledged = effective.filter(({ outcome }) => outcome === 'ok')
  const lastSentAt = Math.max(Number.NEGATIVE_INFINITY, ...acknowledged.map(({ sentAt }) => sentAt))
  const possible = effective.filter(({ answeredAt }) => answeredAt >= lastSentAt)
  const values = new Set(possible.map(({ value }) => value))
  if (acknowledged.length === 0 && initial !== undefined) values.add(initial)
  return values
}

/** Whether a place holds one of the values it may hold. */
export function checkValue(options: {
  subject: string | number
  place: string
  writes: Operation[]
  initial?: string
  held: string
}): Violation[] {
  const { subject, place, writes, initial, held } = options
  const possible = possibleValues(writes, initial)
  if (possible.has(held)) return []
  const wasTried = writes.some(({ value, outcome }) => value === held && outcome !== 'fail')
  const rule = wasTried || held === initial ? 'overwritten by older' : 'invented'
  return [
    { rule, subject, detail: `${place} holds "${held}", possible is ${[...possible].map((value) => `"${value}"`)}` },
  ]
}

/**
 * Checks that deleted things are gone and missing things were deleted.
 *
 * @param isThere whether the place still shows it
 */
export function checkDeleted(options: {
  subject: string | number
  place: string
  deletions: Operation[]
  isThere: boolean
}): Violation[] {
  const { subject, place, deletions, isThere } = options
  if (isThere && deletions.some(({ outcome }) => outcome === 'ok'))
    return [{ rule: 'resurrected', subject, detail: `deleted and still in ${place}` }]
  if (!isThere && deletions.every(({ outcome }) => outcome === 'fail'))
    return [{ rule: 'lost', subject, detail: `never deleted and not in ${place}` }]
  return []
}

/** Two places that must hold the same. @param of what the values are, by subject */
export function checkSame(
  place: string,
  expected: ReadonlyMap<number, string>,
  held: ReadonlyMap<number, string>,
): Violation[] {
  const violations: Violation[] = []
  for (const [subject, value] of expected) {
    const other = held.get(subject)
    if (other === undefined) violations.push({ rule: 'missing', subject, detail: `not in ${place}: ${value}` })
    else if (other !== value)
      violations.push({ rule: 'stale', subject, detail: `${place} holds ${other}, stored is ${value}` })
  }
  for (const subject of held.keys())
    if (!expected.has(subject)) violations.push({ rule: 'resurrected', subject, detail: `in ${place} and not stored` })
  return violations
}

/** A list as a reader got it. */
export function checkNoRepeats(place: string, ids: number[]): Violation[] {
  const seen = new Set<number>()
  const repeated = ids.filter((id) => seen.size === seen.add(id).size)
  return repeated.map((subject) => ({ rule: 'duplicate', subject, detail: `twice in ${place}` }))
}
