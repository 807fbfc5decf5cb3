import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureSecrets } from './secrets.ts'

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
})
