import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { NewPasskeyCredential, PasskeyCredential } from '@fanone/contracts'
import { isoCBOR } from '@simplewebauthn/server/helpers'

const flag = { userPresent: 0x01, userVerified: 0x04, hasCredential: 0x40 }
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const base64url = (data: Buffer | string) => Buffer.from(data).toString('base64url')

/** What an authenticator or a page that misbehaves does otherwise. */
export interface Deviation {
  origin?: string
  rpId?: string
  isUserVerified?: boolean
  type?: string
  counter?: number
  /** In the place of `{ fmt: 'none' }`. */
  attestation?: { fmt: string; attStmt: Map<string, unknown> }
}

/**
 * An authenticator in software with one passkey (P-256), and the browser around it: makes what
 * `navigator.credentials` would (https://www.w3.org/TR/webauthn-3/).
 */
export class Authenticator {
  readonly credentialId = base64url(randomBytes(32))
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  #counter = 0

  create(publicKey: Record<string, unknown>, deviation: Deviation = {}): NewPasskeyCredential {
    const { id } = publicKey.rp as { id: string }
    const rawId = Buffer.from(this.credentialId, 'base64url')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(rawId.length)
    const authData = Buffer.concat([
      this.#authenticatorData(id, flag.hasCredential, deviation),
      Buffer.alloc(16),
      length,
      rawId,
      isoCBOR.encode(this.#cosePublicKey()),
    ])
    const { fmt, attStmt } = deviation.attestation ?? { fmt: 'none', attStmt: new Map() }
    const attestation = isoCBOR.encode(
      new Map<string, unknown>([
        ['fmt', fmt],
        ['attStmt', attStmt],
        ['authData', new Uint8Array(authData)],
      ]) as never,
    )
    return {
      ...this.#named(),
      response: {
        clientDataJSON: clientData('webauthn.create', publicKey, deviation),
        attestationObject: base64url(Buffer.from(attestation)),
        transports: ['internal'],
      },
    }
  }

  get(publicKey: Record<string, unknown>, deviation: Deviation = {}): PasskeyCredential {
    this.#counter = deviation.counter ?? this.#counter + 1
    const authenticatorData = this.#authenticatorData(String(publicKey.rpId), 0, deviation)
    const clientDataJSON = clientData('webauthn.get', publicKey, deviation)
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, 'base64url'))])
    return {
      ...this.#named(),
      response: {
        clientDataJSON,
        authenticatorData: base64url(authenticatorData),
        signature: base64url(sign('sha256', signed, this.#keys.privateKey)),
      },
    }
  }

  #named() {
    return { id: this.credentialId, rawId: this.credentialId, type: 'public-key' as const }
  }

  #authenticatorData(rpId: string, flags: number, { rpId: otherId, isUserVerified = true }: Deviation): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(this.#counter)
    const all = flags | flag.userPresent | (isUserVerified ? flag.userVerified : 0)
    return Buffer.concat([sha256(otherId ?? rpId), Buffer.from([all]), counter])
  }

  #cosePublicKey() {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
    return new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]) as never
  }
}

function clientData(type: string, { challenge }: Record<string, unknown>, deviation: Deviation): string {
  const { origin = 'http://localhost:8080' } = deviation
  return base64url(JSON.stringify({ type: deviation.type ?? type, challenge, origin, crossOrigin: false }))
}
