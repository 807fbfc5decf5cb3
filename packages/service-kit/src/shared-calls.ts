import { ServiceError } from './errors.ts'

/**
 * How calls of one operation travel together: the body of the request is an array of calls, the
 * answer has a line of JSON for each, in the order in which they are done (docs/shared-calls.md).
 */

/** Marks a request that carries several calls; the value is their number. */
export const SHARED_HEADER = 'fanone-shared-calls'
/** Content type of their answers. */
export const LINES_TYPE = 'application/x-ndjson'
/** Most calls of a request. */
export const MAX_SHARED_CALLS = 64

export interface SharedCall {
  /** For whom it is, its idempotency key, its trace; without a trace it has that of the request. */
  headers: Record<string, string>
  input: unknown
}

export interface SharedAnswer {
  /** Which of the calls it answers. */
  index: number
  status: number
  /** A refusal, which inside a request of its own would be marked in a 200. */
  isRefused?: boolean
  retryAfter?: string
  body: unknown
}

/** The line of an answer that does not fit beside the others: the caller is to ask for it alone. */
interface AloneAnswer {
  index: number
  isAlone: true
}

/** @param input as JSON */
export function writeCall(headers: Record<string, string | undefined>, input: string): string {
  return `{"headers":${JSON.stringify(headers)},"input":${input}}`
}

/** @throws ServiceError `invalid_input` for a body that no client of ours sends */
export function readCalls(body: unknown): SharedCall[] {
  const isCall = (call: unknown) =>
    typeof call === 'object' && call !== null && 'input' in call && 'headers' in call && isObject(call.headers)
  if (Array.isArray(body) && body.length <= MAX_SHARED_CALLS && body.every(isCall)) return body as SharedCall[]
  throw new ServiceError('invalid_input', { detail: 'shared calls that cannot be read' })
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null

/** @param body as JSON */
export function writeAnswer({ body, ...answer }: SharedAnswer & { body: string }): string {
  return `${JSON.stringify(answer).slice(0, -1)},"body":${body}}\n`
}

export const writeAlone = (index: number): string => `${JSON.stringify({ index, isAlone: true })}\n`

/** @throws SyntaxError for a line that was cut off */
export function readAnswer(line: string): SharedAnswer | AloneAnswer {
  return JSON.parse(line)
}
