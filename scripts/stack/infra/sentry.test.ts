import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Manifest, readManifest } from '../manifest.ts'
import { ensureSecrets, type Secrets } from '../secrets.ts'
import { readSettings, type Settings, stackPaths } from '../settings.ts'
import { prepareSentry } from './sentry.ts'

/** A root certificate that Sentry made. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBJzCB2qADAgECAhBp+dOG+hmaD+t/LXMvakHuMAUGAytlcDAUMRIwEAYDVQQK
Ewlsb2NhbGhvc3QwHhcNMjYxMTIxMTUxMjUwWhcNMjcxMTIxMTUyNzUwWjAUMRIw
EAYDVQQKEwlsb2NhbGhvc3QwKjAFBgMrZXADIQDcvFFH1nfnBfeRvY7OTZbW6BRg
MduGpgqgnCMEabBSHKNCMEAwDgYDVR0PAQH/BAQDAgKEMA8GA1UdEwEB/wQFMAMB
Af8wHQYDVR0OBBYEFJpCk90/vdu6de3NHSC8AOdaFD95MAUGAytlcANBAMizBI9i
okY5lwXh6T+DqhTbl9BqBxzbTT6h/AunCCIXe8unhPdTir8YsuTyn5MdGYu0gFcA
27tHtI9tFhaS/QM=
-----END CERTIFICATE-----
`
const dayMs = 24 * 3_600_000

describe('what Sentry starts with', () => {
  let settings: Settings
  let manifest: Manifest
  let secrets: Secrets
  beforeEach(() => {
    settings = { ...readSettings(), home: mkdtempSync(join(tmpdir(), 'fanone-sentry-')) }
    manifest = readManifest(settings)
    secrets = ensureSecrets(stackPaths(settings).secrets, manifest.apps)
  })
  afterEach(() => rmSync(settings.home, { recursive: true }))

  const file = (name: string) => join(settings.home, 'secrets', name)
  const prepare = (now?: Date) => prepareSentry(settings, manifest, secrets, now)

  it('is a token for each service, which names that service and Sentry', async () => {
    await prepare()
    const keys = createLocalJWKSet(JSON.parse(readFileSync(file('identities/keys.json'), 'utf8')))
    for (const { appId } of manifest.apps) {
      const { payload } = await jwtVerify(readFileSync(file(`identities/${appId}.jwt`)), keys)
      const audience = 'spiffe://localhost/ns/default/dapr-sentry'
      expect(payload).toEqual({ sub: `spiffe://public/ns/default/${appId}`, aud: audience })
    }
  })

  it('stays as it is from start to start, so that a running Sentry keeps knowing it', async () => {
    await prepare()
    const first = readFileSync(file('identities/user.jwt'), 'utf8')
    await prepare()
    expect(readFileSync(file('identities/user.jwt'), 'utf8')).toBe(first)
  })

  it('tells nobody else: files for their owner only, and no private key among the public ones', async () => {
    await prepare()
    for (const name of ['identities', 'sentry']) expect(statSync(file(name)).mode & 0o077, name).toBe(0)
    for (const name of ['user.jwt', 'keys.json']) expect(statSync(file(`identities/${name}`)).mode & 0o077).toBe(0)
    const { d } = JSON.parse(secrets['identity-signing-key'] ?? '{}')
    expect(readFileSync(file('identities/keys.json'), 'utf8')).not.toContain(d)
  })

  it('is a certificate that lasts: one that ends within 60 days gives way to a new one', async () => {
    mkdirSync(file('sentry'))
    writeFileSync(file('sentry/ca.crt'), certificate)
    const end = new X509Certificate(certificate).validToDate.getTime()
    await prepare(new Date(end - 61 * dayMs))
    expect(existsSync(file('sentry/ca.crt'))).toBe(true)
    await prepare(new Date(end - 59 * dayMs))
    expect(existsSync(file('sentry/ca.crt'))).toBe(false)
    expect(existsSync(file('sentry'))).toBe(true)
  })
})
