import { relationContract, userUpdated } from '@fanone/contracts'
import { defineService } from '@fanone/service-kit'
import { database } from './src/database.ts'

export default defineService({
  appId: 'relation',
  summary: 'Who follows whom',
  port: 7150,
  contract: relationContract,
  subscribes: [userUpdated],
  calls: {
    user: { 'profiles.getMany': 'whether there is somebody to follow, and users of lists it has not seen yet' },
  },
  database,
})
