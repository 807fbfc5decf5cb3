import type { RankingPeriod } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity } from '@mikro-orm/core'

/** A ranking as it was published last. */
export const RankingEntity = defineEntity({
  name: 'Ranking',
  tableName: 'ranking',
  properties: {
    period: column.ascii(10).$type<RankingPeriod>().primary(),
    version: column.id(),
    /** JSON. */
    items: column.hugeText(),
    computedAt: column.time(),
  },
})
