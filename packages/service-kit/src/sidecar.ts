import { setTimeout as delay } from 'node:timers/promises'
import { type Dispatcher, Pool } from 'undici'

/** A sidecar that could not be reached, or answered with an error. */
export class SidecarError extends Error {
  override name = 'SidecarError'
  readonly status: number | undefined
  /** Whether the deadline passed before there was an answer. */
  readonly isTimeout: boolean

  constructor(message: string, options: { status?: number; isTimeout?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.isTimeout = options.isTimeout ?? false
  }
}

export interface SidecarRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  headers?: Record<string, string> | undefined
  body?: unknown
  timeoutMs?: number
  signal?: AbortSignal | undefined
}

const DEFAULT_TIMEOUT_MS = 5_000
/** Room for several operations that hang at a time; each has a bound of its own (`CALLS_AT_A_TIME`). */
const CONNECTIONS = 1_024

/**
 * The HTTP API of the own sidecar; the only module that talks to daprd.
 * Why not @dapr/dapr: docs/decisions/0003-dapr-client.md.
 */
export class Sidecar {
  readonly #pool: Pool
  readonly #headers: Record<string, string>

  constructor(options: { port: number; apiToken: string | undefined }) {
    this.#pool = new Pool(`http://127.0.0.1:${options.port}`, { connections: CONNECTIONS, keepAliveTimeout: 30_000 })
    this.#headers = options.apiToken ? { 'dapr-api-token': options.apiToken } : {}
  }

  /**
   * Sends one request, with a deadline over headers and body. Objects are sent as JSON, strings as they are.
   *
   * @throws SidecarError without a status when the sidecar cannot be reached or the deadline passes
   */
  async send(request: SidecarRequest): Promise<Dispatcher.ResponseData> {
    const deadline = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    const hasBody = request.body !== undefined
    try {
      return await this.#pool.request({
        method: request.method,
        path: request.path,
        headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...this.#headers, ...request.headers },
        body: hasBody ? (typeof request.body === 'string' ? request.body : JSON.stringify(request.body)) : null,
        signal: request.signal ? AbortSignal.any([deadline, request.signal]) : deadline,
      })
    } catch (cause) {
      const isTimeout = deadline.aborted
      const reason = isTimeout ? 'did not answer in time' : 'cannot be reached'
      throw new SidecarError(`the sidecar ${reason}: ${request.method} ${request.path}`, { isTimeout, cause })
    }
  }

  /** Like `send`, but any status of 300 or more throws and the body is parsed. Answers undefined for an empty body. */
  async json<Body>(request: SidecarRequest): Promise<Body | undefined> {
    const response = await this.send(request)
    const body = await response.body.text()
    if (response.statusCode >= 300) {
      const message = `the sidecar answered ${response.statusCode} to ${request.method} ${request.path}: ${body.slice(0, 300)}`
      throw new SidecarError(message, { status: response.statusCode })
    }
    return body ? (JSON.parse(body) as Body) : undefined
  }

  /** Waits until the sidecar's components are ready (it does not wait for this app). */
  async waitUntilReady(options: { timeoutMs: number }): Promise<void> {
    const giveUpAt = Date.now() + options.timeoutMs
    while (true) {
      const status = await this.#outboundHealth()
      if (status === 204) return
      if (Date.now() > giveUpAt) throw new SidecarError(`the sidecar was not ready in ${options.timeoutMs} ms`)
      await delay(100)
    }
  }

  async #outboundHealth(): Promise<number | undefined> {
    try {
      const response = await this.send({ method: 'GET', path: '/v1.0/healthz/outbound', timeoutMs: 2_000 })
      await response.body.dump()
      return response.statusCode
    } catch {
      return undefined
    }
  }

  /**
   * One secret of the secret store.
   *
   * @throws SidecarError where there is none of this name, or this app may not read it
   */
  async secret(name: string): Promise<string> {
    const secrets = await this.json<Record<string, string>>({
      method: 'GET',
      path: `/v1.0/secrets/secretstore/${encodeURIComponent(name)}`,
    })
    const value = secrets?.[name]
    if (value === undefined) throw new SidecarError(`there is no secret ${name}`)
    return value
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }
}
