import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addKeyVersion, addSigningKey, ensureSecrets, isSigningKeyOld } from './secrets.ts'

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

  it('hold an Ed25519 key that has an id', () => {
    const jwk = JSON.parse(ensureSecrets(file(), [user])['token-signing-key'] ?? '{}')
    expect(jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', kid: expect.any(String) })
    expect(createPrivateKey({ key: jwk, format: 'jwk' }).asymmetricKeyType).toBe('ed25519')
  })

  it('get another signing key, and keep those whose tokens may still be good', () => {
    expect(() => addSigningKey(file(), 'token-signing-key')).toThrow('npm start')
    const first = JSON.parse(ensureSecrets(file(), [user])['token-signing-key'] ?? '{}')
    const keysAfter = (time: string) => {
      addSigningKey(file(), 'token-signing-key', new Date(time))
      return JSON.parse(ensureSecrets(file(), [user])['token-signing-key'] ?? '[]') as { signsFrom: string; key: { kid: string } }[]
    }
    const second = keysAfter('2026-01-01T00:00:00Z')
    expect(second.map(({ signsFrom }) => signsFrom)).toEqual(['1970-01-01T00:00:00.000Z', '2026-01-01T00:15:00.000Z'])
    expect(second[0]?.key).toEqual(first)
    expect(keysAfter('2026-01-20T00:00:00Z').map(({ key }) => key.kid)).toContain(first.kid)
    const later = keysAfter('2026-02-15T00:00:00Z')
    expect(later.map(({ signsFrom }) => signsFrom.slice(0, 10))).toEqual(['2026-01-01', '2026-01-20', '2026-02-15'])
  })

  it('say when a signing key is older than 90 days', () => {
    const made = new Date('2026-01-01T00:00:00Z')
    const secret = ensureSecrets(file(), [user])['token-signing-key'] ?? ''
    expect(isSigningKeyOld(secret, made, new Date('2026-03-31T00:00:00Z'))).toBe(false)
    expect(isSigningKeyOld(secret, made, new Date('2026-04-02T00:00:00Z'))).toBe(true)
    addSigningKey(file(), 'token-signing-key', new Date('2026-04-02T00:00:00Z'))
    const rotated = ensureSecrets(file(), [user])['token-signing-key'] ?? ''
    expect(isSigningKeyOld(rotated, made, new Date('2026-06-30T00:00:00Z'))).toBe(false)
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
