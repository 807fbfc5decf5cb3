// Written by `npm run generate`: the contract of each module that is named like a service.
import { feedContract } from './feed.ts'
import { imageSearchContract } from './image-search.ts'
import { interactionContract } from './interaction.ts'
import { relationContract } from './relation.ts'
import { statsContract } from './stats.ts'
import { userContract } from './user.ts'
import { videoContract } from './video.ts'

/** The operations of each service, by app id. */
export const serviceContracts = {
  feed: feedContract,
  'image-search': imageSearchContract,
  interaction: interactionContract,
  relation: relationContract,
  stats: statsContract,
  user: userContract,
  video: videoContract,
}
