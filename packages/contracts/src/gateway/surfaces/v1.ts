import { z } from 'zod'
import { Cursor, Id, IdBatch, Instant, Limit } from '../../common.ts'
import { TokenPair } from '../../credentials.ts'
import { type PictureKind, pictureKinds } from '../../picture.ts'
import { ContentCounters, UserCounters } from '../../stats.ts'
import { Video } from '../../video.ts'
import { decimal } from '../parameters.ts'

const url = z.url().max(500)
const isLiked = z.boolean().meta({ description: 'Whether the caller likes this video; false without a token' })
const isFollowing = z.boolean().meta({ description: 'Whether the caller follows this user; false without a token' })

const otherWidths = ({ shownWidth, widths }: PictureKind) =>
  `${shownWidth} pixels wide; the number in the name may be replaced by ${widths.filter((width) => width !== shownWidth).join(', ')}`
const avatarUrl = url.meta({ description: `A square picture, ${otherWidths(pictureKinds.avatar)}` })

export const V1User = z.object({
  id: Id,
  username: z.string(),
  name: z.string(),
  avatarUrl,
  backgroundUrl: url.nullable().meta({ description: otherWidths(pictureKinds.background) }),
  signature: z.string(),
  counters: UserCounters,
  createdAt: Instant,
  updatedAt: Instant,
  isFollowing,
})
export type V1User = z.infer<typeof V1User>

export const V1Session = z.object({
  user: V1User,
  tokens: TokenPair.extend({
    refreshToken: TokenPair.shape.refreshToken.optional().meta({
      description:
        'Opaque; can be used once, gives the next pair. Missing where it is a cookie (`Session-Storage: cookie`)',
    }),
  }),
})
export type V1Session = z.infer<typeof V1Session>

export const V1Video = z.object({
  id: Id,
  authorId: Id,
  title: z.string(),
  description: z.string(),
  videoUrl: url,
  coverUrl: url,
  durationMs: z.int(),
  width: z.int(),
  height: z.int(),
  sizeBytes: z.int(),
  state: Video.shape.state.unwrap().meta({
    description: 'While `processing` and where it `failed`, the upload is played as it came',
  }),
  progress: z.int().min(0).max(100).meta({ description: 'Of the processing, in percent; 100 when ready' }),
  reason: z.string().nullable().meta({ description: 'Why the processing failed' }),
  hlsUrl: url.nullable().meta({ description: 'HLS in several sizes; null before the video is ready, or without any' }),
  storyboardUrl: url
    .nullable()
    .meta({ description: 'WebVTT of small pictures for a seek bar; may come a little later' }),
  counters: ContentCounters,
  createdAt: Instant,
  updatedAt: Instant,
  isLiked,
})
export type V1Video = z.infer<typeof V1Video>

export const V1Author = z.object({
  id: Id,
  username: z.string(),
  name: z.string(),
  avatarUrl,
  isFollowing,
})

export const V1FeedItem = V1Video.omit({
  authorId: true,
  sizeBytes: true,
  state: true,
  progress: true,
  reason: true,
  hlsUrl: true,
  storyboardUrl: true,
}).extend({ author: V1Author })
export type V1FeedItem = z.infer<typeof V1FeedItem>

/** The data of each event is a `VideoProcessing`; the handler writes it to the response itself. */
export const EventStream = z.string().meta({ contentMediaType: 'text/event-stream' })

/** One page of a list that is read with a cursor. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: Cursor.nullable().meta({ description: 'null on the last page' }) })

export const Paging = z.object({ cursor: Cursor.optional(), limit: decimal(Limit).default(20) })
export const ById = z.object({ id: decimal(Id) })

const anId = '([1-9][0-9]{0,14}|[1-8][0-9]{15})'
/** Up to 100 ids, divided by commas. */
export const IdList = z
  .string()
  .regex(/^\d{1,16}(,\d{1,16})*$/, 'must be ids divided by commas')
  .transform((text) => text.split(',').map(Number))
  .pipe(IdBatch)
  .meta({ pattern: `^${anId}(,${anId}){0,99}$` })
