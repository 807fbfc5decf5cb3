import type { userContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { SigningKey } from './signing-key.ts'

export const keyOperations = (signingKey: SigningKey): Operations<typeof userContract.keys> => ({
  list: () => ({ keys: [signingKey.publicJwk] }),
})
