import type { userContract } from '@fanone/contracts'
import type { operations } from '@fanone/service-kit'
import type { SigningKey } from './signing-key.ts'

type Implementer = ReturnType<typeof operations<typeof userContract>>['keys']

export function keyOperations(keys: Implementer, signingKey: SigningKey) {
  return {
    list: keys.list.handler(() => ({ keys: [signingKey.publicJwk] })),
  }
}
