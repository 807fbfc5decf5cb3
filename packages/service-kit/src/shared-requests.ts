import { JsonText } from '@fanone/contracts'
import type { AnyRouter } from '@orpc/server'
import type { RequestHandler, Response } from 'express'
import { ServiceError, toProblem } from './errors.ts'
import { isMalformed, isRefusal, noteFailure } from './http.ts'
import { type OperationContext, readContext } from './identity.ts'
import type { Logger } from './log.ts'
import { httpRequestSeconds, keptTrace } from './metrics.ts'
import { type RouterAnswer, RouterAnswers } from './router-answers.ts'
import { inTraceOf } from './shared-call-traces.ts'
import { LINES_TYPE, readCalls, SHARED_HEADER, type SharedCall, writeAlone, writeAnswer } from './shared-calls.ts'

/** Sidecars pass on 4 MiB (dapr.yaml), of which two thirds may be what UTF-8 adds to characters. */
const MAX_ANSWER_LENGTH = 1024 * 1024

/**
 * Serves requests that carry several calls of one operation: each is validated, run, traced,
 * measured and answered as if it had come alone, all at the same time. Other requests go to the
 * next handler.
 */
export function sharedRequests(router: AnyRouter, { log }: { log: Logger }): RequestHandler {
  const answers = new RouterAnswers<OperationContext>(router)

  return async (request, response, next) => {
    if (request.headers[SHARED_HEADER] === undefined || isMalformed(request.originalUrl)) return next()
    const calls = readCalls(request.body)
    response.locals.isShared = true
    request.routeTemplate = request.path
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const url = new URL(request.originalUrl, 'http://app/')
    const reply = new SharedReply(response, calls.length)
    const run = async ({ headers, input }: SharedCall, index: number) => {
      const stop = httpRequestSeconds.startTimer({ route: url.pathname, method: 'POST' }, keptTrace())
      const call = { method: 'POST', url, headers, signal: gone.signal, body: async () => input as never }
      const answer = (await answers.answer(call, readContext(headers))) ?? { failure: new ServiceError('not_found') }
      if ('failure' in answer) noteFailure(log, request, answer.failure)
      const { status } = 'failure' in answer ? answer.failure : answer
      stop({ status: String(status) })
      reply.add(index, answer)
      return status
    }
    const place = { path: url.pathname, calls: calls.length }
    await Promise.all(calls.map((call, index) => inTraceOf(call.headers.traceparent, place, () => run(call, index))))
  }
}

/**
 * Writes answers when they come, those of one turn of the event loop together, so that nobody waits
 * for a slower neighbour. Where all calls fail the request does too, for breakers and retries of
 * the sidecars; until one succeeds the status waits.
 */
class SharedReply {
  readonly #response: Response
  #missing: number
  #unwritten = ''
  #length = 0
  #failed: number | undefined
  #hasSuccess = false
  #isScheduled = false

  constructor(response: Response, calls: number) {
    this.#response = response
    this.#missing = calls
  }

  add(index: number, answer: RouterAnswer): void {
    this.#missing--
    const line = lineOf(index, answer)
    const fits = this.#length === 0 || this.#length + line.length <= MAX_ANSWER_LENGTH
    this.#length += line.length
    this.#unwritten += fits ? line : writeAlone(index)
    if ('failure' in answer && !isRefusal(answer.failure)) {
      const { status } = answer.failure
      this.#failed = this.#failed === undefined || this.#failed === status ? status : 500
    } else this.#hasSuccess = true
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#write()
    })
  }

  #write(): void {
    const response = this.#response
    if (response.destroyed || (this.#missing > 0 && !this.#hasSuccess)) return
    if (!response.headersSent) {
      response.statusCode = this.#hasSuccess ? 200 : (this.#failed ?? 500)
      response.setHeader('content-type', LINES_TYPE)
    }
    if (this.#missing === 0) response.end(this.#unwritten)
    else response.write(this.#unwritten)
    this.#unwritten = ''
  }
}

function lineOf(index: number, answer: RouterAnswer): string {
  if (!('failure' in answer)) {
    const { status, body } = answer
    return writeAnswer({ index, status, body: body instanceof JsonText ? body.text : JSON.stringify(body ?? {}) })
  }
  const { failure } = answer
  const { status, retryAfterSeconds } = failure
  return writeAnswer({
    index,
    status,
    isRefused: isRefusal(failure),
    ...(retryAfterSeconds === undefined ? {} : { retryAfter: String(Math.ceil(retryAfterSeconds)) }),
    body: JSON.stringify(toProblem(failure)),
  })
}
