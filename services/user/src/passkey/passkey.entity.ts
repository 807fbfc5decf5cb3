import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** The public half of a passkey. */
export const PasskeyEntity = defineEntity({
  name: 'Passkey',
  tableName: 'passkey',
  properties: {
    id: column.id().primary(),
    userId: column.id(),
    /** Base64url, as the browser names it. */
    credentialId: column.ascii(1_364).unique('passkey_credential_id'),
    /** COSE in base64url; ML-DSA-44 takes 1,780 characters. */
    publicKey: column.ascii(4_000),
    /** How often it has signed; stays 0 where an authenticator does not count. */
    counter: column.id(),
    /** Divided by commas. */
    transports: column.ascii(300),
    name: column.text(64),
    isSynced: column.flag(),
    createdAt: column.time(),
    lastUsedAt: column.optionalTime(),
  },
  indexes: [{ name: 'passkey_user', properties: ['userId', 'id'] }],
})
export type PasskeyRow = InferEntity<typeof PasskeyEntity>

/** Challenges that were answered, until they are too old to be answered. */
export const SpentChallengeEntity = defineEntity({
  name: 'SpentChallenge',
  tableName: 'spent_challenge',
  properties: {
    /** SHA-256. */
    challengeHash: column.asciiChar(43).primary(),
    spentAt: column.time(),
  },
  indexes: [{ name: 'spent_challenge_spent_at', properties: ['spentAt'] }],
})
