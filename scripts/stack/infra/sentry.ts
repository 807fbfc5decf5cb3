import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { importJWK, type JWK, SignJWT } from 'jose'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeHttp } from '../probe-http.ts'
import { renderedPath } from '../rendered.ts'
import type { Secrets } from '../secrets.ts'
import { type Settings, stackPaths } from '../settings.ts'
import { writePrivate } from '../write-private.ts'

/**
 * Sentry's certificates last a year and are never renewed; with less left, a start makes new ones.
 */
const shortestValidityMs = 60 * 24 * 3_600_000
/**
 * `localhost` is the default trust domain of daprd and Sentry; the namespace is part of every
 * identity.
 */
export const trustDomain = 'localhost'
export const namespace = 'default'

/**
 * Prepares the folder for Sentry's certificates and the tokens by which it knows the sidecars.
 *
 * @param now for tests
 */
export async function prepareSentry(
  settings: Settings,
  manifest: Manifest,
  secrets: Secrets,
  now = new Date(),
): Promise<void> {
  const { credentials, keys } = sentryPaths(settings)
  if (endsSoon(credentials, now)) rmSync(credentials, { recursive: true })
  mkdirSync(credentials, { recursive: true, mode: 0o700 })
  const key = JSON.parse(secrets['identity-signing-key'] ?? '') as JWK
  const { d: _private, ...publicKey } = key
  writePrivate(keys, JSON.stringify({ keys: [publicKey] }))
  for (const { appId } of manifest.apps) writePrivate(identityFile(settings, appId), await identityToken(appId, key))
}

/** The certificate authority of the sidecars. They need it at their start and once a day. */
export function sentryPart(settings: Settings, manifest: Manifest, sentry: string): Part {
  const { sentry: port, sentryHealth, sentryMetrics } = manifest.infraPorts
  const flags = [
    ['config', renderedPath(settings, manifest.sentryConfigFile)],
    ['issuer-credentials', sentryPaths(settings).credentials],
    ['trust-domain', trustDomain],
    ['port', port],
    ['listen-address', '127.0.0.1'],
    ['healthz-port', sentryHealth],
    ['healthz-listen-address', '127.0.0.1'],
    ['metrics-port', sentryMetrics],
    ['metrics-listen-address', '127.0.0.1'],
    ['log-as-json', 'true'],
  ]
  return {
    name: 'sentry',
    kind: 'infra',
    command: sentry,
    args: flags.map(([flag, value]) => `--${flag}=${value}`),
    cwd: stackPaths(settings).run,
    env: { NAMESPACE: namespace },
    ports: { gRPC: port, health: sentryHealth, metrics: sentryMetrics },
    graceMs: 5_000,
    probe: () => probeHttp(`http://127.0.0.1:${sentryHealth}/healthz`, 200),
  }
}

/** What a sidecar needs to know to get its certificate and to judge those of the others. */
export function sidecarIdentity(settings: Settings, appId: string): Record<string, string> {
  const { rootCertificate } = sentryPaths(settings)
  return {
    NAMESPACE: namespace,
    DAPR_TRUST_ANCHORS: existsSync(rootCertificate) ? readFileSync(rootCertificate, 'utf8') : '',
    DAPR_SENTRY_TOKEN_FILE: identityFile(settings, appId),
  }
}

/** Signing again gives the same token: Ed25519 is deterministic and the token holds no time. */
async function identityToken(appId: string, key: JWK): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid ?? '' })
    .setSubject(`spiffe://public/ns/${namespace}/${appId}`)
    .setAudience(`spiffe://${trustDomain}/ns/${namespace}/dapr-sentry`)
    .sign(await importJWK(key, 'EdDSA'))
}

function endsSoon(credentials: string, now: Date): boolean {
  const files = ['ca.crt', 'issuer.crt'].map((name) => join(credentials, name)).filter((file) => existsSync(file))
  return files.some((file) => {
    const { validToDate } = new X509Certificate(readFileSync(file))
    return validToDate.getTime() - now.getTime() < shortestValidityMs
  })
}

function identityFile(settings: Settings, appId: string): string {
  return join(sentryPaths(settings).identities, `${appId}.jwt`)
}

function sentryPaths(settings: Settings) {
  const { secretsFolder } = stackPaths(settings)
  const credentials = join(secretsFolder, 'sentry')
  const identities = join(secretsFolder, 'identities')
  return { credentials, identities, rootCertificate: join(credentials, 'ca.crt'), keys: join(identities, 'keys.json') }
}
