import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  addKeyVersion,
  addSigningKey,
  ensureSecrets,
  newSigningKey,
  readTimedKeys,
  replaceOldSigningKey,
  type TimedKey,
} from './secrets.ts'
import { writePrivate } from './write-private.ts'

describe('secrets', () => {
  let home = ''
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'fanone-secrets-'))
  })
  afterEach(() => rmSync(home, { recursive: true }))
  const user = { appId: 'user', secrets: ['mysql-password-user', 'token-signing-key'] }
  const file = () => join(home, 'secrets/secrets.json')

  it('are made once', () => {
    const first = ensureSecrets(file(), [user])
    expect(ensureSecrets(file(), [user])).toEqual(first)
  })

  it('get additions without a change of what is there', () => {
    const first = ensureSecrets(file(), [user])
    const second = ensureSecrets(file(), [user, { appId: 'video', secrets: ['mysql-password-video'] }])
    expect(second).toMatchObject(first)
    expect(Object.keys(second)).toContain('mysql-password-video')
  })

  it('are readable by their owner only', () => {
    ensureSecrets(file(), [])
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(statSync(join(home, 'secrets')).mode & 0o777).toBe(0o700)
  })

  const SIGNS = 'token-signing-key'
  const signingKeys = () => readTimedKeys(ensureSecrets(file(), [user])[SIGNS] ?? '[]')

  it('hold an Ed25519 key that has an id and has signed since it was made', () => {
    const [{ key, signsFrom }] = signingKeys() as [TimedKey]
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', kid: expect.any(String) })
    expect(createPrivateKey({ key: key as never, format: 'jwk' }).asymmetricKeyType).toBe('ed25519')
    expect(Date.now() - Date.parse(signsFrom)).toBeLessThan(60_000)
  })

  it('get another signing key, and keep those whose tokens may still be good', () => {
    expect(() => addSigningKey(file(), SIGNS)).toThrow('npm start')
    // As earlier releases have made it.
    const first = JSON.parse(newSigningKey())
    writePrivate(file(), JSON.stringify({ ...ensureSecrets(file(), [user]), [SIGNS]: JSON.stringify(first) }))
    const keysAfter = (time: string) => {
      addSigningKey(file(), SIGNS, Date.parse(time))
      return signingKeys()
    }
    const second = keysAfter('2026-01-01T00:00:00Z')
    expect(second.map(({ signsFrom }) => signsFrom)).toEqual(['1970-01-01T00:00:00.000Z', '2026-01-01T00:15:00.000Z'])
    expect(second[0]?.key).toEqual(first)
    expect(keysAfter('2026-01-20T00:00:00Z').map(({ key }) => key.kid)).toContain(first.kid)
    const later = keysAfter('2026-02-15T00:00:00Z')
    expect(later.map(({ signsFrom }) => signsFrom.slice(0, 10))).toEqual(['2026-01-01', '2026-01-20', '2026-02-15'])
    expect(statSync(file()).mode & 0o777).toBe(0o600)
  })

  it('get another signing key where the newest is older than 90 days', () => {
    const [made] = signingKeys() as [TimedKey]
    const daysOn = (days: number) => Date.parse(made.signsFrom) + days * 24 * 60 * 60_000
    replaceOldSigningKey(file(), SIGNS, daysOn(89))
    expect(signingKeys()).toEqual([made])
    replaceOldSigningKey(file(), SIGNS, daysOn(91))
    expect(signingKeys()).toEqual([made, expect.anything()])
    replaceOldSigningKey(file(), SIGNS, daysOn(180))
    expect(signingKeys()).toHaveLength(2)
  })

  it('get another version of a key, and keep the earlier ones and everything else', () => {
    const owner = { appId: 'user', secrets: [...user.secrets, 'account-encryption-key'] }
    expect(() => addKeyVersion(file(), 'account-encryption-key')).toThrow('npm start')
    const first = ensureSecrets(file(), [owner])
    expect(addKeyVersion(file(), 'account-encryption-key')).toBe(2)
    const { 'account-encryption-key': before = '', ...others } = first
    const { 'account-encryption-key': after = '', ...same } = ensureSecrets(file(), [owner])
    expect(same).toEqual(others)
    const versions = JSON.parse(after) as { version: number; key: string }[]
    expect(versions[0]).toEqual((JSON.parse(before) as unknown[])[0])
    expect(versions.map(({ version }) => version)).toEqual([1, 2])
    expect(versions[1]?.key).not.toBe(versions[0]?.key)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
  })
})
