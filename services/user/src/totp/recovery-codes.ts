import type { SigningKeys } from '../key/signing-key.ts'
import { hashSecret } from '../session/refresh-token.ts'

export const RECOVERY_CODES = 10
/** 80 bits. */
const CODE_BYTES = 10
/** Crockford's base32: no letter that looks like a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const FORM = /^[0-9a-hjkmnp-tv-z]{16}$/

/**
 * Ten codes, `xxxx-xxxx-xxxx-xxxx`. They follow from the call that makes them, so that it can be
 * answered again though only their hashes are kept.
 */
export function makeRecoveryCodes(
  signingKeys: Pick<SigningKeys, 'derive'>,
  { userId, key }: { userId: number; key: string },
): string[] {
  const bytes = signingKeys.derive(
    `recovery codes of user ${userId} by call ${hashSecret(key)}`,
    RECOVERY_CODES * CODE_BYTES,
  )
  return Array.from({ length: RECOVERY_CODES }, (_, index) =>
    format(bytes.subarray(index * CODE_BYTES, (index + 1) * CODE_BYTES)),
  )
}

/** The code as it is hashed, whatever hyphens and capitals were typed; undefined if it is none. */
export function readRecoveryCode(text: string): string | undefined {
  const code = text.replace(/[\s-]/g, '').toLowerCase()
  return FORM.test(code) ? code : undefined
}

function format(bytes: Buffer): string {
  let bits = BigInt(`0x${bytes.toString('hex')}`)
  let code = ''
  for (let index = 0; index < 16; index++) {
    code = ALPHABET[Number(bits & 31n)] + code
    bits >>= 5n
  }
  return code.replace(/(.{4})(?=.)/g, '$1-')
}
