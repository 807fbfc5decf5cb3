import { type ErrorCode, errorCatalogue } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { describe, expect, it } from 'vitest'
import { codeOfError, compatCodes, toCompatError } from './compat-codes.ts'

/** Errors that the compatibility APIs have no code for. */
const others: ErrorCode[] = [
  'edit_conflict',
  'forbidden',
  'idempotency_key_reused',
  'last_way_in',
  'method_not_allowed',
  'mfa_already_bound',
  'mfa_not_bound',
  'not_found',
  'passkey_invalid',
  'passkey_not_found',
  'phone_code_invalid',
  'phone_not_joined',
  'phone_taken',
  'report_decided',
  'report_not_found',
  'session_not_found',
  'storage_full',
  'too_many_passkeys',
  'tus_version_not_supported',
  'upload_aborted',
  'upload_expired',
  'upload_incomplete',
  'upload_locked',
  'upload_not_found',
  'upload_offset_conflict',
  'upload_published',
]

describe('the codes of the compatibility APIs', () => {
  it.each(Object.keys(errorCatalogue) as ErrorCode[])('%s has a code that somebody chose', (code) => {
    expect(Object.hasOwn(codeOfError, code)).toBe(true)
  })

  it('are "other" only where no code of theirs fits', () => {
    const codes = Object.keys(errorCatalogue) as ErrorCode[]
    const answeredOther = codes.filter((code) => toCompatError(new ServiceError(code)).code === compatCodes.other)
    expect(answeredOther.sort()).toEqual(others)
  })
})
