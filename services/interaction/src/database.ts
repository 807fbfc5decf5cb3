import { type DatabaseDefinition, KnownUserEntity } from '@fanone/service-kit'
import { EndedContentEntity } from './cascade/cascade.entity.ts'
import { CommentEntity } from './comment/comment.entity.ts'
import { ContentEntity } from './content/content.entity.ts'
import { CommentCountersEntity } from './counters/counters.entity.ts'
import { LikeEntity } from './like/like.entity.ts'
import { migrations } from './migrations/index.ts'
import { VisitEntity, VisitHourEntity } from './visit/visit.entity.ts'

/** What the service keeps in MySQL. */
export const database = {
  entities: [
    CommentCountersEntity,
    CommentEntity,
    ContentEntity,
    EndedContentEntity,
    KnownUserEntity,
    LikeEntity,
    VisitEntity,
    VisitHourEntity,
  ],
  migrations,
} satisfies DatabaseDefinition
