import { defineEntity } from '@mikro-orm/core'
import { column } from './columns.ts'

/** An event that was applied, for 14 days: a second delivery finds it and has no effect. */
export const InboxEntity = defineEntity({
  name: 'Inbox',
  tableName: 'inbox',
  properties: {
    /** `<sender>/<id of the event>` */
    eventId: column.ascii(100).primary(),
    topic: column.text(100),
    receivedAt: column.time().index('inbox_received_at'),
  },
})
