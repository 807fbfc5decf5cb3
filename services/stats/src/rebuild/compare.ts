import type { RebuildReport } from '@fanone/contracts'
import { isContent, readSubject, type Subject, subjectOf } from '../counter/subject.ts'
import type { Recount } from './recount.ts'

const contentNames = ['likes', 'comments', 'visits'] as const
const userNames = ['works', 'likesReceived', 'likesGiven', 'following', 'followers'] as const

/** The stored counters of a subject, also negative ones. */
export interface Stored {
  version: number
  counts: number[]
  isDeleted: boolean
}

/** What a subject should count. */
export interface Expected {
  counts: number[]
  isDeleted: boolean
}

/** Stored and recounted values of about the same time. */
export interface Comparison {
  stored: Map<Subject, Stored>
  expected: Map<Subject, Expected>
}

const nothingStored = (subject: Subject): Stored => ({
  version: 0,
  counts: Array.from({ length: isContent(readSubject(subject)) ? contentNames.length : userNames.length }, () => 0),
  isDeleted: false,
})

/** What a recount says of every subject that is stored or counted. */
export function expectedOf({ counts, videoIds }: Recount, stored: Map<Subject, Stored>): Map<Subject, Expected> {
  const expected = new Map<Subject, Expected>()
  for (const { kind, id, likes, comments, visits } of counts.contents())
    expected.set(subjectOf(kind, id), { counts: [likes, comments, visits], isDeleted: false })
  for (const { id, works, likesReceived, likesGiven, following, followers } of counts.users())
    expected.set(subjectOf('user', id), {
      counts: [works, likesReceived, likesGiven, following, followers],
      isDeleted: false,
    })
  for (const [subject, { counts: known }] of stored)
    if (!expected.has(subject)) expected.set(subject, { counts: known.map(() => 0), isDeleted: false })
  for (const [subject, one] of expected) {
    const { kind, id } = readSubject(subject)
    if (kind !== 'video' || videoIds.has(id)) continue
    // Visits are never taken back, and those of a deleted video are not shown.
    const visits = (stored.get(subject) ?? nothingStored(subject)).counts[2] ?? 0
    expected.set(subject, { counts: [...one.counts.slice(0, 2), visits], isDeleted: true })
  }
  return expected
}

/** Which subjects are off. */
export function differingIn({ stored, expected }: Comparison): Set<Subject> {
  const off = new Set<Subject>()
  for (const [subject, wanted] of expected) {
    const known = stored.get(subject) ?? nothingStored(subject)
    if (!isSame(known, wanted)) off.add(subject)
  }
  return off
}

/**
 * Finds subjects that are off in two comparisons, and those that cannot be judged. More time lies
 * between the two than an event needs, so a difference made by events on their way has disappeared,
 * or the subject has another version.
 */
export function confirmDrift(
  first: Comparison,
  second: Comparison,
  candidates: Iterable<Subject>,
): { drifted: Subject[]; unsettled: Subject[] } {
  const [drifted, unsettled]: [Subject[], Subject[]] = [[], []]
  const off = differingIn(second)
  for (const subject of candidates) {
    if (!off.has(subject)) continue
    const [before, after] = [first.stored.get(subject), second.stored.get(subject)]
    const [was, is] = [first.expected.get(subject), second.expected.get(subject)]
    const isQuiet = (before?.version ?? 0) === (after?.version ?? 0) && was !== undefined && is !== undefined
    if (isQuiet && isSame(was, is)) drifted.push(subject)
    else unsettled.push(subject)
  }
  return { drifted, unsettled }
}

/** The drift of subjects by counter, 0 for correct ones. */
export function driftBetween({ stored, expected }: Comparison, drifted: Subject[]): RebuildReport['drift'] {
  const drift: RebuildReport['drift'] = {}
  for (const name of [...contentNames, ...userNames, 'deleted']) drift[name] = { subjects: 0, sum: 0 }
  const add = (name: string, difference: number) => {
    const one = drift[name]
    if (!one || difference === 0) return
    one.subjects += 1
    one.sum += Math.abs(difference)
  }
  for (const subject of drifted) {
    const known = stored.get(subject) ?? nothingStored(subject)
    const wanted = expected.get(subject)
    const names = isContent(readSubject(subject)) ? contentNames : userNames
    for (const [index, name] of names.entries()) add(name, (wanted?.counts[index] ?? 0) - (known.counts[index] ?? 0))
    add('deleted', Number(wanted?.isDeleted ?? false) - Number(known.isDeleted))
  }
  return drift
}

function isSame(a: Expected, b: Expected): boolean {
  return a.isDeleted === b.isDeleted && a.counts.every((count, index) => count === b.counts[index])
}
