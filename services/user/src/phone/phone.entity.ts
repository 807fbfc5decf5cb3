import type { PhoneCodePurpose } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** The phone of an account. */
export const PhoneEntity = defineEntity({
  name: 'Phone',
  tableName: 'phone',
  properties: {
    userId: column.id().primary(),
    /** See `PhoneKeys.indexOf`: finds a number that cannot be read. */
    numberIndex: column.asciiChar(43).unique('phone_number_index'),
    /** See `Sealer`. */
    sealedNumber: column.ascii(200),
    keyVersion: column.integer(),
    joinedAt: column.time(),
  },
  indexes: [{ name: 'phone_key_version', properties: ['keyVersion'] }],
})
export type PhoneRow = InferEntity<typeof PhoneEntity>

/** The newest code of a number, whether the number is known or not, and how many were sent. */
export const PhoneCodeEntity = defineEntity({
  name: 'PhoneCode',
  tableName: 'phone_code',
  properties: {
    numberIndex: column.asciiChar(43).primary(),
    purpose: column.ascii(16).$type<PhoneCodePurpose>(),
    /** Who asked for it; 0 for nobody in particular. */
    userId: column.id(),
    /** See `PhoneKeys.markOf`. */
    codeMark: column.asciiChar(43),
    issuedAt: column.time(),
    usedAt: column.optionalTime(),
    /** How many codes were tried since `issuedAt`. */
    attempts: column.smallInteger(),
    /** How many were sent since `sentSince`. */
    sent: column.smallInteger(),
    sentSince: column.time(),
  },
  indexes: [{ name: 'phone_code_issued', properties: ['issuedAt'] }],
})
export type PhoneCodeRow = InferEntity<typeof PhoneCodeEntity>

/** A code that is still to be sent; written with the code, deleted once it was sent. */
export const CodeMessageEntity = defineEntity({
  name: 'CodeMessage',
  tableName: 'code_message',
  properties: {
    id: column.id().primary(),
    /** Number and code; see `Sealer`. */
    sealed: column.ascii(400),
    keyVersion: column.integer(),
    purpose: column.ascii(16).$type<PhoneCodePurpose>(),
    expiresAt: column.time(),
    attempts: column.smallInteger(),
    /** From then on it may be sent: by whoever takes it, or again where sending failed. */
    availableAt: column.time(),
  },
  indexes: [{ name: 'code_message_available', properties: ['availableAt'] }],
})
export type CodeMessageRow = InferEntity<typeof CodeMessageEntity>
