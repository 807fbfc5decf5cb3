import type { userContract } from '@fanone/contracts'
import { idCursor, type Operations, page, requireIdentity, requireOperator } from '@fanone/service-kit'
import type { AuditLog } from './audit-log.ts'

const cursors = idCursor('security-events')

export const securityEventOperations = (audit: AuditLog): Operations<typeof userContract.securityEvents> => ({
  list: async ({ input: { cursor, limit }, context }) => {
    const { userId } = requireIdentity(context)
    const before = cursor === undefined ? undefined : cursors.decode(cursor)
    const fetch = (most: number) => audit.list({ userId }, { before, limit: most })
    const { items, nextCursor } = await page(limit, fetch, (last) => cursors.encode(last.id))
    const shown = items.map(({ id, action, at, device, address, reason }) => ({
      ...{ id, action, device, address, reason },
      at: at.toISOString(),
    }))
    return { items: shown, nextCursor }
  },
})

const operatorCursors = idCursor('audit')

/** The log as operators read it. */
export const auditOperations = (audit: AuditLog): Operations<typeof userContract.audit> => ({
  list: async ({ input: { cursor, limit, ...filter }, context }) => {
    requireOperator(context)
    const before = cursor === undefined ? undefined : operatorCursors.decode(cursor)
    const fetch = (most: number) => audit.list(filter, { before, limit: most })
    const { items, nextCursor } = await page(limit, fetch, (last) => operatorCursors.encode(last.id))
    return { items: items.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() })), nextCursor }
  },
})
