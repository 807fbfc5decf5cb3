import { type Context, context } from '@opentelemetry/api'
import type { StandardHeaders } from '@orpc/standard-server'
import { SidecarError } from './sidecar-error.ts'

/** What a service, or a sidecar on the way, answered to a call. */
export interface CallAnswer {
  status: number
  headers: StandardHeaders
  body: unknown
}

/** A call that has no answer yet, with its own deadline. */
export class PendingCall {
  /** As JSON. */
  readonly input: string
  readonly headers: Record<string, string | undefined>
  /** The trace it is part of. */
  readonly trace: Context = context.active()
  /** Rejects with a `SidecarError` where none comes in time. */
  readonly answer: Promise<CallAnswer>
  /** By `performance.now()`, as is the deadline. */
  readonly madeAtMs = performance.now()
  readonly deadlineAtMs: number
  /** Called once, when it has its answer or nobody waits for one. */
  onEnd: () => void = () => {}
  isEnded = false
  readonly #resolve: (answer: CallAnswer) => void
  readonly #reject: (reason: unknown) => void
  readonly #deadline: NodeJS.Timeout
  readonly #signal: AbortSignal | undefined
  readonly #leave = () => this.fail(new SidecarError('the caller did not wait'))

  constructor(options: {
    input: string
    headers: Record<string, string | undefined>
    timeoutMs: number
    signal?: AbortSignal | undefined
  }) {
    const { promise, resolve, reject } = Promise.withResolvers<CallAnswer>()
    this.input = options.input
    this.headers = options.headers
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.deadlineAtMs = this.madeAtMs + options.timeoutMs
    const late = () => this.fail(new SidecarError('no answer in time', { isTimeout: true }))
    this.#deadline = setTimeout(late, options.timeoutMs)
    this.#signal = options.signal
    this.#signal?.addEventListener('abort', this.#leave, { once: true })
    if (this.#signal?.aborted) this.#leave()
  }

  /** Does nothing for a call that has ended. */
  settle(answer: CallAnswer): void {
    if (this.#end()) this.#resolve(answer)
  }

  fail(reason: unknown): void {
    if (this.#end()) this.#reject(reason)
  }

  #end(): boolean {
    if (this.isEnded) return false
    this.isEnded = true
    clearTimeout(this.#deadline)
    this.#signal?.removeEventListener('abort', this.#leave)
    this.onEnd()
    return true
  }
}
