import { z } from 'zod'
import { Id } from './common.ts'
import type { ErrorCode } from './errors.ts'

/**
 * What can be liked and commented on: the service that owns it, and the error where it is not
 * there.
 */
export const contentKinds = {
  video: { owner: 'video', notFound: 'video_not_found' },
  comment: { owner: 'interaction', notFound: 'comment_not_found' },
  article: { owner: 'article', notFound: 'not_found' },
  answer: { owner: 'qa', notFound: 'not_found' },
} as const satisfies Record<string, { owner: string; notFound: ErrorCode }>

export type ContentKind = keyof typeof contentKinds
export const ContentKind = z.enum(Object.keys(contentKinds) as [ContentKind, ...ContentKind[]])

/** One piece of content, wherever it is kept. */
export const ContentRef = z.object({ kind: ContentKind, id: Id }).meta({ id: 'ContentRef' })
export type ContentRef = z.infer<typeof ContentRef>
