import type { ContentKind, ContentRef } from '@fanone/contracts'

/**
 * The owner of counters as a text: `video:17`, `user:4`. Keys the cache and the list of changes.
 */
export type Subject = string

export type SubjectKind = ContentKind | 'user'

export const subjectOf = (kind: SubjectKind, id: number): Subject => `${kind}:${id}`

export function readSubject(subject: Subject): { kind: SubjectKind; id: number } {
  const [kind, id] = subject.split(':')
  return { kind: kind as SubjectKind, id: Number(id) }
}

export const isContent = (ref: { kind: SubjectKind; id: number }): ref is ContentRef => ref.kind !== 'user'

/** Entry in the list of changes for "there were visits". */
export const RANKINGS: Subject = 'rankings:0'
