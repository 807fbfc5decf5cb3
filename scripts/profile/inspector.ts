import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const openTimeoutMs = 10_000

/** The process of a service, and the file its standard error goes to. */
export interface Inspected {
  readonly pid: number
  readonly log: string
}

/**
 * A session of the inspector protocol (https://chromedevtools.github.io/devtools-protocol/v8/) with
 * a running service. It needs no code in the service: SIGUSR1 makes Node open its inspector on a
 * free port of the loopback interface (`--inspect-port` in dapr.yaml) and write the address to
 * standard error.
 */
export class Inspector {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #listeners = new Map<string, (params: unknown) => void>()
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#receive(String(data)))
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The service ended or closed its inspector'))
    })
  }

  /** @throws Error when the service does not open its inspector */
  static async open(service: Inspected): Promise<Inspector> {
    // A killed profile may have left the inspector open; then the signal would not open another.
    const earlier = lastAddress(service.log)
    const left = earlier === undefined ? undefined : await connect(earlier)
    if (left !== undefined) return new Inspector(left)
    process.kill(service.pid, 'SIGUSR1')
    const deadline = Date.now() + openTimeoutMs
    while (Date.now() < deadline) {
      const address = lastAddress(service.log)
      const socket = address === undefined || address === earlier ? undefined : await connect(address)
      if (socket !== undefined) return new Inspector(socket)
      await sleep(50)
    }
    throw new Error(`Process ${service.pid} did not open its inspector; see ${service.log}`)
  }

  /**
   * Sends a command and resolves with its result.
   *
   * @throws Error with the message of the inspector
   */
  async send<Result>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Result> {
    const id = ++this.#lastId
    const answer = Promise.withResolvers<unknown>()
    this.#waiting.set(id, answer)
    this.#socket.send(JSON.stringify({ id, method, params }))
    return answer.promise.finally(() => this.#waiting.delete(id)) as Promise<Result>
  }

  /** Calls `listener` with the parameters of every event of this name. */
  on<Params>(event: string, listener: (params: Params) => void): void {
    this.#listeners.set(event, listener as (params: unknown) => void)
  }

  /** Closes the service's inspector port, and with it this session. */
  async close(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const closed = new Promise((resolve) => this.#socket.addEventListener('close', resolve, { once: true }))
    // Deferred, so that the answer to this command is sent before its connection closes.
    const expression = "setImmediate(() => process.getBuiltinModule('node:inspector').close())"
    await this.send('Runtime.evaluate', { expression })
    await closed
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as {
      id?: number
      result?: unknown
      error?: { message: string }
      method?: string
      params?: unknown
    }
    if (message.id === undefined) this.#listeners.get(message.method ?? '')?.(message.params)
    else if (message.error) this.#waiting.get(message.id)?.reject(new Error(message.error.message))
    else this.#waiting.get(message.id)?.resolve(message.result)
  }
}

function lastAddress(log: string): string | undefined {
  const lines = readFileSync(log, 'utf8').matchAll(/^Debugger listening on (ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+)$/gm)
  return [...lines].at(-1)?.[1]
}

/** @returns undefined if nothing answers */
function connect(address: string): Promise<WebSocket | undefined> {
  const socket = new WebSocket(address)
  return new Promise((resolve) => {
    socket.addEventListener('open', () => resolve(socket), { once: true })
    socket.addEventListener('error', () => resolve(undefined), { once: true })
  })
}
