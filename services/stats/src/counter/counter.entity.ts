import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** Counters of one piece of content. Signed, because the event that subtracts may come first. */
export const ContentCounterEntity = defineEntity({
  name: 'ContentCounter',
  tableName: 'content_counter',
  properties: {
    kind: column.contentKind().primary(),
    id: column.id().primary(),
    likes: column.count().defaultRaw('0'),
    comments: column.count().defaultRaw('0'),
    visits: column.count().defaultRaw('0'),
    isDeleted: column.flag().defaultRaw('0'),
    /** Grows with every change; projections ignore older ones. */
    version: column.id(),
  },
  /** The ranking of all times, without what was deleted. */
  indexes: [{ name: 'content_counter_by_visits', properties: ['kind', 'isDeleted', 'visits', 'id'] }],
})
export type ContentCounterRow = InferEntity<typeof ContentCounterEntity>

/** Counters of one user. */
export const UserCounterEntity = defineEntity({
  name: 'UserCounter',
  tableName: 'user_counter',
  properties: {
    id: column.id().primary(),
    works: column.count().defaultRaw('0'),
    likesReceived: column.count().defaultRaw('0'),
    likesGiven: column.count().defaultRaw('0'),
    following: column.count().defaultRaw('0'),
    followers: column.count().defaultRaw('0'),
    version: column.id(),
  },
})
export type UserCounterRow = InferEntity<typeof UserCounterEntity>

/** The visits of a video in one hour; hours that no ranking looks at are deleted. */
export const VisitHourEntity = defineEntity({
  name: 'VisitHour',
  tableName: 'visit_hour',
  properties: {
    /** Hours since 1970. */
    hour: column.integer().primary(),
    videoId: column.id().primary(),
    visits: column.count(),
  },
})

/** A changed subject that cache and feed do not know of yet. Committed with the change. */
export const ChangedCounterEntity = defineEntity({
  name: 'ChangedCounter',
  tableName: 'changed_counter',
  properties: {
    /** `video:17`, `user:4`; `rankings:0` for any visit. */
    subject: column.ascii(40).primary(),
    /** Another one after every change, so that none is forgotten with an older one. */
    mark: column.id(),
  },
})
