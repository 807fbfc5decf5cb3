import type { ReportKind, ReportState } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** What somebody reported, and what was decided. */
export const ReportEntity = defineEntity({
  name: 'Report',
  tableName: 'report',
  properties: {
    id: column.id().primary(),
    kind: column.ascii(16).$type<ReportKind>(),
    targetId: column.id(),
    /** Whose it is. */
    authorId: column.id(),
    reporterId: column.id(),
    text: column.text(1000),
    state: column.ascii(16).$type<ReportState>(),
    /** 1 while it is open, else null: one open report of a reporter on a thing. */
    openMark: column.tinyInteger().nullable().ignoreSchemaChanges('default'),
    createdAt: column.time(),
    decidedAt: column.optionalTime(),
    /** 0 while nobody has decided. */
    operatorId: column.id(),
    decisionReason: column.text(500),
  },
  indexes: [
    { name: 'report_state', properties: ['state', 'id'] },
    { name: 'report_target', properties: ['kind', 'targetId', 'state'] },
    { name: 'report_author', properties: ['authorId', 'state', 'id'] },
    { name: 'report_reporter', properties: ['reporterId', 'id'] },
  ],
  uniques: [{ name: 'report_open', properties: ['kind', 'targetId', 'reporterId', 'openMark'] }],
})
export type ReportRow = InferEntity<typeof ReportEntity>

/** Content that an operator has removed; one row makes a repeat harmless. */
export const RemovedContentEntity = defineEntity({
  name: 'RemovedContent',
  tableName: 'removed_content',
  properties: {
    kind: column.contentKind().primary(),
    id: column.id().primary(),
    removedAt: column.time(),
  },
})
