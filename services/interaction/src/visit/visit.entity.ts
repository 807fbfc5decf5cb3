import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** That a viewer was counted: not again for ten minutes. */
export const VisitEntity = defineEntity({
  name: 'Visit',
  tableName: 'visit',
  properties: {
    kind: column.contentKind().primary(),
    contentId: column.id().primary(),
    /** `user:17`, or the keyed hash of an address. */
    viewer: column.ascii(40).primary(),
    countedAt: column.time().index('visit_counted_at'),
    countedBy: column.marks(),
  },
})

/** How often content was visited in one hour. */
export const VisitHourEntity = defineEntity({
  name: 'VisitHour',
  tableName: 'visit_hour',
  properties: {
    kind: column.contentKind().primary(),
    contentId: column.id().primary(),
    /** When the hour begins. */
    hour: p.datetime().primary(),
    /** The author of the content. */
    authorId: column.id(),
    visits: column.integer(),
  },
})
export type VisitHourRow = InferEntity<typeof VisitHourEntity>
