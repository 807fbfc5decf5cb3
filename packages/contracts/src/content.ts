import { z } from 'zod'
import { Id } from './common.ts'

/** What can be liked and commented on. */
export const ContentKind = z.enum(['video', 'comment', 'article', 'answer'])
export type ContentKind = z.infer<typeof ContentKind>

/** One piece of content, wherever it is kept. */
export const ContentRef = z.object({ kind: ContentKind, id: Id }).meta({ id: 'ContentRef' })
export type ContentRef = z.infer<typeof ContentRef>
