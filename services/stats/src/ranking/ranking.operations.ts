import type { statsContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { RankingRepository } from './ranking.repository.ts'

export const rankingOperations = (rankings: RankingRepository): Operations<typeof statsContract.rankings> => ({
  get: ({ input }) => rankings.read(input.period),
})
