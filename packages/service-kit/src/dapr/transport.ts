import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import { LINES_TYPE } from '../shared-calls.ts'
import { SidecarError } from './sidecar-error.ts'

export interface SidecarRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With the version, such as `/v1.0/healthz`; names in it are encoded. */
  path: string
  headers?: Record<string, string | undefined> | undefined
  /** Strings are sent as they are, anything else as JSON. */
  body?: unknown
  /** Over the whole request, until the last byte of the answer. */
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  /** Takes each line of an answer of lines when it comes; what is left is the answer's `text`. */
  onLine?: (line: string, status: number) => void
}

export interface SidecarResponse {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** What the SDK says about a request; it leaves out a GET's method, and the deadline is ours. */
export interface ExecuteOptions extends Partial<Omit<SidecarRequest, 'path' | 'method'>> {
  method?: string
}

const DEFAULT_TIMEOUT_MS = 5_000
/** Room for several hanging operations, each of which has 128 requests at most. */
const CONNECTIONS = 1_024

/**
 * HTTP to the service's sidecar, for the kit's requests and under the SDK's client: every request
 * has a deadline and can be aborted, and anything but a whole, successful answer is a
 * `SidecarError`.
 */
export class DeadlineTransport {
  readonly #pool: Pool
  readonly #headers: Record<string, string>

  constructor(options: { port: number; apiToken?: string | undefined }) {
    this.#pool = new Pool(`http://127.0.0.1:${options.port}`, { connections: CONNECTIONS, keepAliveTimeout: 30_000 })
    this.#headers = options.apiToken ? { 'dapr-api-token': options.apiToken } : {}
  }

  /**
   * Sends one request and reads the answer, whatever its status.
   *
   * @throws SidecarError without a status if no whole answer comes before the deadline or an abort
   */
  async request(request: SidecarRequest): Promise<SidecarResponse> {
    const { method, path, body, signal, onLine } = request
    const leaving = new AbortController()
    const leave = () => leaving.abort()
    let isTimeout = false
    // Cleared below: an `AbortSignal.timeout` would stay until its time is over.
    const deadline = setTimeout(() => {
      isTimeout = true
      leave()
    }, request.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    signal?.addEventListener('abort', leave, { once: true })
    if (signal?.aborted) leave()
    try {
      const response = await this.#pool.request({
        method,
        path,
        headers: { ...contentType(body), ...this.#headers, ...request.headers },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
        signal: leaving.signal,
      })
      const { statusCode: status, headers } = response
      const isOfLines = onLine && String(headers['content-type']).startsWith(LINES_TYPE)
      const text = isOfLines
        ? await readLines(response.body, (line) => onLine(line, status))
        : await response.body.text()
      return { status, headers, text }
    } catch (cause) {
      const reason = isTimeout ? 'did not answer in time' : 'cannot be reached'
      throw new SidecarError(`the sidecar ${reason}: ${method} ${path}`, { isTimeout, cause })
    } finally {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', leave)
    }
  }

  /** What the SDK's building blocks call; `path` begins after the version. */
  execute(path: string, options?: ExecuteOptions | null): Promise<unknown> {
    return this.executeWithApiVersion('v1.0', path, options)
  }

  /**
   * @returns the parsed JSON, or the text where the answer is none
   * @throws SidecarError for any status of 300 or more, and for JSON that was cut off
   */
  async executeWithApiVersion(version: string, path: string, options?: ExecuteOptions | null): Promise<unknown> {
    const method = (options?.method?.toUpperCase() ?? 'GET') as SidecarRequest['method']
    const request = { ...options, method, path: `/${version}${path}`, headers: lowerCase(options?.headers) }
    const response = await this.request(request)
    if (response.status < 300) return parse(request, response)
    const message = `the sidecar answered ${response.status} to ${method} ${request.path}`
    throw new SidecarError(`${message}: ${response.text.slice(0, 300)}`, { status: response.status })
  }

  /** Waits until the sidecar's components are ready (it does not wait for this app). */
  async waitUntilReady(options: { timeoutMs: number }): Promise<void> {
    const giveUpAt = Date.now() + options.timeoutMs
    while (!(await this.#isReady())) {
      if (Date.now() > giveUpAt) throw new SidecarError(`the sidecar was not ready in ${options.timeoutMs} ms`)
      await delay(100)
    }
  }

  async #isReady(): Promise<boolean> {
    const request = { method: 'GET', path: '/v1.0/healthz/outbound', timeoutMs: 2_000 } as const
    return this.request(request).then(
      ({ status }) => status === 204,
      () => false,
    )
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }
}

/** @returns what follows the last end of a line */
async function readLines(body: Readable, take: (line: string) => void): Promise<string> {
  let rest = ''
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
  return rest
}

function contentType(body: unknown): Record<string, string> {
  if (body === undefined) return {}
  return { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' }
}

/** The SDK writes `Content-Type`, which must replace ours. */
function lowerCase(headers: SidecarRequest['headers'] = {}): SidecarRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function parse(request: SidecarRequest, { headers, text }: SidecarResponse): unknown {
  if (!String(headers['content-type']).includes('json')) return text
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SidecarError(`the sidecar's answer was cut off: ${request.method} ${request.path}`, { cause })
  }
}
