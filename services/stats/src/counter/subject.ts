import type { ContentKind, ContentRef } from '@fanone/contracts'

/** Whose counters are meant, as one text: `video:17`, `user:4`. What the cache and the list of changes are keyed by. */
export type Subject = string

export type SubjectKind = ContentKind | 'user'

export const subjectOf = (kind: SubjectKind, id: number): Subject => `${kind}:${id}`

export function readSubject(subject: Subject): { kind: SubjectKind; id: number } {
  const [kind, id] = subject.split(':')
  return { kind: kind as SubjectKind, id: Number(id) }
}

export const isContent = (ref: { kind: SubjectKind; id: number }): ref is ContentRef => ref.kind !== 'user'

/** Stands in the list of changes for "somebody was visited". */
export const RANKINGS: Subject = 'rankings:0'
