import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { readManifest } from '../../scripts/stack/manifest.ts'
import { appToken, sidecarToken } from '../../scripts/stack/secrets.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { home, portBase } from './stack.ts'

/** A sidecar as its service knows it: the port of its HTTP API and its token. */
export interface SidecarAddress {
  port: number
  token: string
  grpcPort: number
  /** Where its metrics are. */
  metricsPort: number
  /** The port of its service, and what the sidecar shows there. */
  appPort: number
  appToken: string
}

/**
 * @param installation the tests' own or a second one; `root` is the checkout whose dapr.yaml lists
 *   the service
 */
export async function sidecarOf(
  appId: string,
  installation: { home: string; portBase: number; root?: string } = { home, portBase },
): Promise<SidecarAddress> {
  const settings = { ...readSettings(), ...installation }
  if (installation.root !== undefined) settings.daprYaml = join(installation.root, 'dapr.yaml')
  const app = readManifest(settings).apps.find((one) => one.appId === appId)
  if (!app) throw new Error(`there is no service ${appId}`)
  const secrets = JSON.parse(await readFile(join(installation.home, 'secrets/secrets.json'), 'utf8'))
  return {
    port: app.ports.http,
    token: secrets[sidecarToken(appId)],
    grpcPort: app.ports.grpc,
    metricsPort: app.ports.metrics,
    appPort: app.ports.app,
    appToken: secrets[appToken(appId)],
  }
}

/** Calls an operation of `callee` as `caller` would: through the caller's sidecar. */
export function invokeAs(
  caller: Pick<SidecarAddress, 'port' | 'token'>,
  callee: string,
  operation: string,
  json: unknown = {},
): Promise<Reply> {
  const path = `/v1.0/invoke/${callee}/method/internal/${operation}`
  return sendTo(caller.port, { path, token: caller.token, json })
}

/** What a sidecar or a service answered. */
export interface Reply {
  status: number
  text: string
}

/**
 * Sends a request to a local port unchanged: `fetch` would normalise dots and percent signs in a
 * path. The body is chunked, because Dapr repeats a refused call unless its length is unknown.
 *
 * @param request.token sent as `dapr-api-token`, to a sidecar by its service and to a service by
 *   its sidecar
 */
export function sendTo(
  port: number,
  request: { path: string; token?: string; method?: string; headers?: Record<string, string>; json?: unknown },
): Promise<Reply> {
  const { path, token, method = 'POST', json = {} } = request
  const headers = {
    'content-type': 'application/json',
    'transfer-encoding': 'chunked', // not Node's choice for every method
    ...(token === undefined ? {} : { 'dapr-api-token': token }),
    ...request.headers,
  }
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false }
    const sent = httpRequest(options, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      resolve({ status: response.statusCode ?? 0, text })
    })
    sent.once('error', reject)
    if (method !== 'GET') sent.write(JSON.stringify(json))
    sent.end()
  })
}
