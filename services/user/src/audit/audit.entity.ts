import type { ActorRole, AuditAction } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** What was done to an account: written once, in the transaction of the act, and never changed. */
export const AuditEventEntity = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  properties: {
    /** Time-ordered, so it is order and cursor. */
    id: column.id().primary(),
    /** Whose account it concerns, and who may read it; 0 for nobody's. */
    userId: column.id(),
    /** 0 where nobody knows, as with a wrong password, and for commands. */
    actorId: column.id(),
    actorRole: column.ascii(16).$type<ActorRole>(),
    action: column.ascii(40).$type<AuditAction>(),
    /** What it was about where that is not the account. */
    subjectKind: column.ascii(16),
    subjectId: column.ascii(40),
    device: column.text(200),
    address: column.ascii(45),
    reason: column.text(500),
    at: column.time(),
  },
  indexes: [
    { name: 'audit_event_user', properties: ['userId', 'id'] },
    { name: 'audit_event_role', properties: ['actorRole', 'id'] },
    { name: 'audit_event_actor', properties: ['actorId', 'id'] },
  ],
})
export type AuditEventRow = InferEntity<typeof AuditEventEntity>
