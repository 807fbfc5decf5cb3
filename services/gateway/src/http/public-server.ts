import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { closeServer, type Logger, type Worker } from '@fanone/service-kit'
import type { Express, Request } from 'express'
import { answerUnreadable } from './unreadable-requests.ts'

const HEADERS_TIMEOUT_MS = 8_000
/** Room for 4 GiB at 600 KB/s; silence is bounded much earlier. */
const REQUEST_TIMEOUT_MS = 2 * 60 * 60_000
const KEEP_ALIVE_TIMEOUT_MS = 8_000
/** Late connections are looked for this often. */
const TIMEOUT_CHECK_MS = 1_000
const MAX_HEADER_BYTES = 16 * 1024
/** What runs may finish in this time at a stop; the supervisor gives 15 s. */
const STOP_GRACE_MS = 12_000

export interface PublicServerOptions {
  port: number
  host: string
  maxConnections: number
  /** A connection that is silent for longer is closed. */
  idleTimeoutMs: number
  /** Ends answers that would go on for long. */
  onStop: () => void
  log: Logger
}

/** The public HTTP server, started and stopped with the service. */
export class PublicServer implements Worker {
  readonly name = 'public server'
  readonly #server: Server
  readonly #options: PublicServerOptions

  constructor(app: Express, options: PublicServerOptions) {
    this.#options = options
    this.#server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      app,
    )
    this.#server.timeout = options.idleTimeoutMs
    this.#server.maxConnections = options.maxConnections
    this.#server.on('clientError', answerUnreadable)
    // Uploads are authenticated before the client is told to send; see `continueBody`.
    this.#server.on('checkContinue', (request, response) => {
      ;(request as Request).isWaitingForContinue = true
      this.#answer(request, response)
    })
    // Other expectations are ignored (RFC 9110, 10.1.1); Node would answer 417 past our headers and
    // error documents.
    this.#server.on('checkExpectation', (request, response) => this.#answer(request, response))
  }

  /** Changes how many connections there may be; those that are open stay. */
  set maxConnections(max: number) {
    this.#server.maxConnections = max
  }

  /** As if it had come without expectations: a call of the app itself would go past tracing. */
  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#server.emit('request', request, response)
  }

  async start(): Promise<void> {
    const { port, host, log } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, resolve)
    })
    log.info({ port, host }, 'the public port is open')
  }

  /** Stops accepting and finishes what runs; what takes longer than the grace is cut. */
  async stop(): Promise<void> {
    this.#options.onStop()
    this.#server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'))
    const closeIdle = setInterval(() => this.#server.closeIdleConnections(), 100)
    const cut = setTimeout(() => this.#server.closeAllConnections(), STOP_GRACE_MS)
    await closeServer(this.#server)
    clearInterval(closeIdle)
    clearTimeout(cut)
  }
}
