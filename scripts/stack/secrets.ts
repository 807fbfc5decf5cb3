import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { JWK } from 'jose'
import type { App } from './manifest.ts'
import { writePrivate } from './write-private.ts'

const DAY_MS = 24 * 60 * 60_000

export type Secrets = Readonly<Record<string, string>>

/** 32 letters and digits: about 190 bits, and no special characters in SQL, YAML or a shell. */
function randomPassword(): string {
  let text = ''
  while (text.length < 32) text += randomBytes(48).toString('base64').replace(/[+/=]/g, '')
  return text.slice(0, 32)
}

/** An Ed25519 private key as JWK text (RFC 8037) with the key id that its tokens will name. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'EdDSA', use: 'sig' })
}

/** The first version of a key that seals secrets in a database; a rotation adds others. */
const encryptionKey = () => JSON.stringify([{ version: 1, key: randomPassword() }])

function makerOf(name: string): () => string {
  if (name.endsWith('-signing-key')) return firstSigningKey
  return name.endsWith('-encryption-key') ? encryptionKey : randomPassword
}

/** The token of a service for its sidecar: nobody else can use that sidecar. */
export const sidecarToken = (appId: string) => `dapr-api-token-${appId}`
/** The token of a sidecar for its service: nobody can go around the sidecar. */
export const appToken = (appId: string) => `app-api-token-${appId}`

/** A service as the secrets know it. */
export type Owner = Pick<App, 'appId' | 'secrets'>

/** Every secret the stack needs with its maker. */
function makers(apps: readonly Owner[]): Record<string, () => string> {
  const declared = apps.flatMap(({ secrets }) => secrets)
  return {
    'mysql-password-root': randomPassword,
    'mysql-password-monitoring': randomPassword,
    'redis-password': randomPassword,
    'identity-signing-key': newSigningKey,
    ...Object.fromEntries(declared.map((name) => [name, makerOf(name)])),
    ...Object.fromEntries(apps.map(({ appId }) => [appToken(appId), randomPassword])),
    ...Object.fromEntries(apps.map(({ appId }) => [sidecarToken(appId), randomPassword])),
  }
}

/**
 * Reads the secrets file and adds missing secrets of these services; existing ones never change.
 */
export function ensureSecrets(file: string, apps: readonly Owner[]): Secrets {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  chmodSync(dirname(file), 0o700)
  const present: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const secrets = completeSecrets(present, apps)
  if (secrets !== present) write(file, secrets)
  return secrets
}

/** Adds what these services miss. @returns `present` itself where nothing is missing */
export function completeSecrets(present: Secrets, apps: readonly Owner[]): Secrets {
  const missing = Object.entries(makers(apps)).filter(([name]) => present[name] === undefined)
  if (missing.length === 0) return present
  return { ...present, ...Object.fromEntries(missing.map(([name, make]) => [name, make()])) }
}

/**
 * Adds a version to an `…-encryption-key`; the earlier ones stay, for what they have sealed.
 *
 * @returns the new version
 */
export function addKeyVersion(file: string, name: string): number {
  const secrets = secretsWith(file, name)
  const versions = JSON.parse(secrets[name] as string) as { version: number; key: string }[]
  const version = Math.max(...versions.map((one) => one.version)) + 1
  write(file, { ...secrets, [name]: JSON.stringify([...versions, { version, key: randomPassword() }]) })
  return version
}

/** How long gateways may take to hear of a key before its first token. */
const HEARD_MS = 15 * 60_000
/** The longest life of a token (Douyin's), and a day. */
const NEEDED_MS = 31 * DAY_MS
/** From this age on a start adds the next key. */
const OLD_MS = 90 * DAY_MS

/** A key of a list, with when it begins to sign. */
export interface TimedKey {
  signsFrom: string
  key: JWK
}

/** What signs access tokens; a rotation adds others. */
const firstSigningKey = () => JSON.stringify([timedKey(Date.now())])

const timedKey = (signsFromMs: number): TimedKey => ({
  signsFrom: new Date(signsFromMs).toISOString(),
  key: JSON.parse(newSigningKey()),
})

/**
 * Adds a key to a `…-signing-key`, which signs from a quarter of an hour on; those stay that may
 * have signed a token that is still good.
 *
 * @returns when it begins to sign
 */
export function addSigningKey(file: string, name: string, nowMs = Date.now()): string {
  const secrets = secretsWith(file, name)
  const added = timedKey(nowMs + HEARD_MS)
  const keys = [...readTimedKeys(secrets[name] as string), added]
  const needed = keys.filter((_, index) => {
    const next = keys[index + 1]
    return next === undefined || Date.parse(next.signsFrom) > nowMs - NEEDED_MS
  })
  write(file, { ...secrets, [name]: JSON.stringify(needed) })
  return added.signsFrom
}

/** Adds a key where the newest has signed for 90 days. */
export function replaceOldSigningKey(file: string, name: string, nowMs = Date.now()): void {
  const newest = readTimedKeys(secretsWith(file, name)[name] as string).at(-1)
  if (!newest || Date.parse(newest.signsFrom) < nowMs - OLD_MS) addSigningKey(file, name, nowMs)
}

/** The keys of a `…-signing-key`, oldest first. Earlier releases made one, without its time. */
export function readTimedKeys(secret: string): TimedKey[] {
  const read = JSON.parse(secret) as TimedKey[] | JWK
  return Array.isArray(read) ? read : [{ signsFrom: new Date(0).toISOString(), key: read }]
}

function secretsWith(file: string, name: string): Record<string, string> {
  const secrets: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  if (secrets[name] === undefined) throw new Error(`there is no secret ${name} yet; npm start makes it`)
  return secrets
}

const write = (file: string, secrets: Secrets) => writePrivate(file, `${JSON.stringify(secrets, null, 2)}\n`)
