import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** A session as its user sees it, and the truth about whether it has ended. It holds no secret. */
export const SessionEntity = defineEntity({
  name: 'Session',
  tableName: 'session',
  properties: {
    id: column.asciiChar(36).primary(),
    userId: column.id(),
    /** What the client called itself. */
    device: column.text(200),
    /** IPv4 or IPv6. */
    address: column.ascii(45),
    openedAt: column.time(),
    /** When it was opened, refreshed or seen last. */
    seenAt: column.time(),
    /** From then on it cannot be refreshed. */
    expiresAt: column.time(),
    endedAt: column.optionalTime(),
  },
  indexes: [
    { name: 'session_user', properties: ['userId', 'endedAt', 'seenAt'] },
    { name: 'session_ended', properties: ['endedAt', 'id'] },
    { name: 'session_expires', properties: ['expiresAt'] },
  ],
})
export type SessionRow = InferEntity<typeof SessionEntity>
