import type { NewPasskeyCredential, PasskeyCredential } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { decodeAttestationObject, decodeClientDataJSON, isoBase64URL } from '@simplewebauthn/server/helpers'
import type { PasskeyRow } from './passkey.entity.ts'
import { CHALLENGE_MS } from './passkey-challenges.ts'

const NAME = 'FanOne'
/** EdDSA, ECDSA with SHA-256, RSA with SHA-256: what authenticators of today have. */
const ALGORITHMS = [-8, -7, -257]

/** What an authenticator has made, once it was checked. */
export type MadePasskey = Pick<PasskeyRow, 'credentialId' | 'publicKey' | 'counter' | 'transports' | 'isSynced'>

/**
 * The site as authenticators know it: a passkey is bound to its host, and pages of its origins may
 * ask for it. Every passkey has to verify its owner (PIN, finger, face), so it is two factors.
 */
export class RelyingParty {
  readonly #id: string
  readonly #origins: string[]

  /** @param origins of the site, the first of which names the host; none for this machine only */
  constructor(origins: string[]) {
    this.#origins = origins
    this.#id = origins[0] === undefined ? 'localhost' : new URL(origins[0]).hostname
  }

  /** For `navigator.credentials.create()`. */
  creationOptions(options: {
    challenge: Buffer
    user: { id: number; username: string; name: string }
    present: Pick<PasskeyRow, 'credentialId' | 'transports'>[]
  }) {
    const { user, present } = options
    const userID = Buffer.alloc(8)
    userID.writeBigUInt64BE(BigInt(user.id))
    return generateRegistrationOptions({
      rpName: NAME,
      rpID: this.#id,
      userID: new Uint8Array(userID),
      userName: user.username,
      userDisplayName: user.name,
      challenge: new Uint8Array(options.challenge),
      timeout: CHALLENGE_MS,
      attestationType: 'none',
      excludeCredentials: present.map(({ credentialId: id, transports }) => ({ id, transports: listOf(transports) })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    })
  }

  /** For `navigator.credentials.get()`: whatever passkey of this site its owner chooses. */
  requestOptions(challenge: Buffer) {
    return generateAuthenticationOptions({
      rpID: this.#id,
      challenge: new Uint8Array(challenge),
      timeout: CHALLENGE_MS,
      userVerification: 'required',
    })
  }

  /** @throws ServiceError `passkey_invalid` */
  checkMade(credential: NewPasskeyCredential, challenge: string): Promise<MadePasskey> {
    return refusing(async () => {
      const { clientDataJSON, attestationObject, transports = [] } = credential.response
      requireSelfMade(attestationObject)
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: {
          ...credential,
          response: { clientDataJSON, attestationObject },
          clientExtensionResults: {},
        },
        expectedChallenge: challenge,
        expectedOrigin: this.#originOf(clientDataJSON),
        expectedRPID: this.#id,
        supportedAlgorithmIDs: ALGORITHMS,
      })
      if (!verified) throw new Error('not verified')
      const { id, publicKey, counter } = registrationInfo.credential
      if (id !== credential.id) throw new Error('the credential has another id')
      return {
        credentialId: id,
        publicKey: isoBase64URL.fromBuffer(publicKey),
        counter,
        transports: transports.filter((name) => /^[a-z-]+$/.test(name)).join(),
        isSynced: registrationInfo.credentialBackedUp,
      }
    })
  }

  /**
   * @returns how often the passkey has signed, and whether it is on several devices
   * @throws ServiceError `passkey_invalid`
   */
  checkUsed(
    credential: PasskeyCredential,
    { challenge, passkey }: { challenge: string; passkey: PasskeyRow },
  ): Promise<Pick<PasskeyRow, 'counter' | 'isSynced'>> {
    return refusing(async () => {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: { ...credential, clientExtensionResults: {} },
        expectedChallenge: challenge,
        expectedOrigin: this.#originOf(credential.response.clientDataJSON),
        expectedRPID: this.#id,
        credential: {
          id: passkey.credentialId,
          publicKey: isoBase64URL.toBuffer(passkey.publicKey),
          counter: passkey.counter,
        },
      })
      if (!verified) throw new Error('not verified')
      return { counter: authenticationInfo.newCounter, isSynced: authenticationInfo.credentialBackedUp }
    })
  }

  /** Where none are set, pages of this machine may, at any port. */
  #originOf(clientDataJSON: string): string[] {
    if (this.#origins.length > 0) return this.#origins
    const { origin } = decodeClientDataJSON(clientDataJSON)
    return /^http:\/\/localhost(:\d+)?$/.test(origin) ? [origin] : []
  }
}

/**
 * The challenge an authenticator says it has signed.
 *
 * @throws ServiceError `passkey_invalid`
 */
export function challengeOf({ response }: NewPasskeyCredential | PasskeyCredential): Promise<string> {
  return refusing(async () => {
    const { challenge } = decodeClientDataJSON(response.clientDataJSON)
    if (typeof challenge !== 'string') throw new Error('no challenge')
    return challenge
  })
}

/**
 * Refuses statements with certificates, which nobody was asked for: to check them, the library asks
 * the addresses they name, and strangers write those.
 */
function requireSelfMade(attestationObject: string): void {
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject))
  const format = attestation.get('fmt')
  const isSelfMade = format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined)
  if (!isSelfMade) throw new Error(`an attestation of the format ${format}`)
}

/** What the library finds wrong with something strangers wrote is no fault of ours. */
async function refusing<Result>(check: () => Promise<Result>): Promise<Result> {
  try {
    return await check()
  } catch (cause) {
    throw new ServiceError('passkey_invalid', { cause })
  }
}

const listOf = (transports: string): string[] => transports.split(',').filter(Boolean)
