import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** The second factor of an account: pending until it is bound. */
export const TotpEntity = defineEntity({
  name: 'Totp',
  tableName: 'totp',
  properties: {
    userId: column.id().primary(),
    /** See `Sealer`; the secret in base32. */
    sealedSecret: column.ascii(200),
    keyVersion: column.integer(),
    issuedAt: column.time(),
    boundAt: column.optionalTime(),
    /** Of the newest code that was used (RFC 6238): older ones are not taken any more. */
    lastStep: column.id(),
    /** How many codes were tried since `attemptsSince`. */
    attempts: column.smallInteger(),
    attemptsSince: column.time(),
  },
  indexes: [{ name: 'totp_key_version', properties: ['keyVersion'] }],
})
export type TotpRow = InferEntity<typeof TotpEntity>

/** What opens an account once, instead of a code. */
export const RecoveryCodeEntity = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_code',
  properties: {
    userId: column.id().primary(),
    /** SHA-256; nobody guesses 80 random bits. */
    codeHash: column.asciiChar(43).primary(),
    usedAt: column.optionalTime(),
  },
})
export type RecoveryCodeRow = InferEntity<typeof RecoveryCodeEntity>
