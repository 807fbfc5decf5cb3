import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { readSettings } from '../../scripts/stack/settings.ts'
import { readLaunch } from '../../scripts/stack/stack.ts'
import { ownPorts } from '../support/scratch-sidecar.ts'
import { home, port } from '../support/stack.ts'

// A sidecar of our own beside the stack's, which asks Sentry for the certificate of the gateway.

test.for([
  { shows: 'nothing', because: 'a validator name must be specified' },
  { shows: 'video.jwt', because: '"sub" not satisfied' },
  { shows: 'keys.json', because: 'token validation failed' },
])('who shows $shows gets no certificate of the gateway', async ({ shows, because }) => {
  const answer = await sidecarAsGateway(shows === 'nothing' ? undefined : shows)
  expect(answer.output).toContain(because)
  expect(answer).toMatchObject({ exitCode: 1, hasCertificate: false })
})

test('who shows the token of the gateway gets it', async () => {
  expect(await sidecarAsGateway('gateway.jwt')).toMatchObject({ hasCertificate: true })
})

/** Starts a sidecar and ends it when it has its certificate; one that gets none ends by itself. */
async function sidecarAsGateway(token: string | undefined) {
  const { daprd = '' } = readLaunch({ ...readSettings(), home })
  const sidecar = execa(
    daprd,
    [
      ...['--app-id=gateway', '--enable-mtls', `--sentry-address=127.0.0.1:${port(7006)}`, '--log-as-json'],
      ...ownPorts([0, 0, 0, 0]),
    ],
    {
      env: {
        NAMESPACE: 'default',
        DAPR_TRUST_ANCHORS: await readFile(join(home, 'secrets/sentry/ca.crt'), 'utf8'),
        ...(token === undefined ? {} : { DAPR_SENTRY_TOKEN_FILE: join(home, 'secrets/identities', token) }),
      },
      reject: false,
      all: true,
    },
  )
  let hasCertificate = false
  for await (const line of sidecar.iterable({ from: 'all' })) {
    if (!line.includes('Security is initialized successfully')) continue
    hasCertificate = true
    sidecar.kill('SIGKILL')
  }
  const { exitCode, all } = await sidecar
  return { exitCode, output: String(all).replaceAll('\\"', '"'), hasCertificate }
}
