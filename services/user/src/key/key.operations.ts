import type { userContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { SigningKeys } from './signing-key.ts'

export const keyOperations = (signingKeys: SigningKeys): Operations<typeof userContract.keys> => ({
  list: () => ({ keys: signingKeys.publicJwks }),
})
