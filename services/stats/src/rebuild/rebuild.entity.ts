import { column } from '@fanone/service-kit'
import { defineEntity } from '@mikro-orm/core'

/** A run of `npm run stats:rebuild`. */
export const RebuildEntity = defineEntity({
  name: 'Rebuild',
  tableName: 'rebuild',
  properties: {
    id: column.id().primary(),
    state: column.ascii(10).$type<'running' | 'done' | 'failed'>(),
    /** JSON. */
    report: column.hugeText(),
    startedAt: column.time(),
    /** Renewed while the run goes on: a run that does not renew it has ended with its process. */
    aliveAt: column.time(),
  },
})
