import { type ErrorCode, errorCatalogue, type FieldIssue, type Problem } from '@fanone/contracts'
import { ORPCError, ValidationError } from '@orpc/server'
import { SidecarError } from './dapr/sidecar-error.ts'
import { isDatabaseAbsent } from './database/bounded-pool.ts'
import { currentTraceId } from './log.ts'

/**
 * The error that is thrown on purpose. Its code decides status and title. People may see `detail`,
 * so it never holds secrets or internals.
 */
export class ServiceError extends ORPCError<ErrorCode, { issues?: FieldIssue[] } | undefined> {
  override name = 'ServiceError'
  readonly detail: string | undefined
  /** Seconds after which to try again; becomes Retry-After. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    options: { detail?: string | undefined; issues?: FieldIssue[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(code, {
      status: errorCatalogue[code].status,
      message: options.detail ?? errorCatalogue[code].title,
      data: options.issues ? { issues: options.issues } : undefined,
      cause: options.cause,
    })
    this.detail = options.detail
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Whether an error is a `ServiceError` with one of these codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is ServiceError {
  return error instanceof ServiceError && codes.includes(error.code)
}

/**
 * Maps any thrown value to the error to answer: a `ServiceError` as it is, failed validation of
 * input as `invalid_input`, an absent database or sidecar as `unavailable` or `timeout`. Everything
 * else becomes `internal`, which hides its message.
 */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error
  if (error instanceof ORPCError) return fromOrpc(error)
  return fromHttpError(error) ?? fromAbsence(error) ?? new ServiceError('internal', { cause: error })
}

function fromOrpc(error: ORPCError<string, unknown>): ServiceError {
  if (error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) {
    const issues = error.cause.issues.map((issue) => ({
      path: (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
      message: issue.message,
    }))
    return new ServiceError('invalid_input', { detail: describe(issues), issues, cause: error })
  }
  if (error.status === 400) return new ServiceError('invalid_input', { cause: error })
  return new ServiceError('internal', { cause: error.cause ?? error })
}

function describe(issues: FieldIssue[]): string {
  return issues
    .slice(0, 5)
    .map((issue) => (issue.path ? `${issue.path}: ${issue.message}` : issue.message))
    .join('; ')
}

/** Errors of Express's body parsers and of `http-errors` carry a status and a type. */
function fromHttpError(error: unknown): ServiceError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  const type = 'type' in error ? error.type : undefined
  if (error.status === 413) return new ServiceError('body_too_large', { cause: error })
  if (error.status === 415) return new ServiceError('unsupported_media_type', { cause: error })
  if (error.status === 404) return new ServiceError('not_found', { cause: error })
  if (type === 'entity.parse.failed') return new ServiceError('malformed_json', { cause: error })
  if (error.status >= 400 && error.status < 500) return new ServiceError('invalid_input', { cause: error })
  return undefined
}

/**
 * An absent database has no retry time, so the caller's sidecar repeats the call and its breaker
 * counts it. An absent sidecar component was tried again already; repeating all work before it (a
 * password's hash) would only add to the load.
 */
function fromAbsence(error: unknown): ServiceError | undefined {
  if (isDatabaseAbsent(error)) return new ServiceError('unavailable', { cause: error })
  if (!(error instanceof SidecarError)) return undefined
  return new ServiceError(error.isTimeout ? 'timeout' : 'unavailable', { cause: error, retryAfterSeconds: 1 })
}

/** The RFC 9457 document of an error. */
export function toProblem(error: ServiceError): Problem {
  const traceId = currentTraceId()
  return {
    type: `https://fanone.example/problems/${error.code}`,
    title: errorCatalogue[error.code].title,
    status: error.status,
    code: error.code,
    ...(error.detail ? { detail: error.detail } : {}),
    ...(traceId ? { traceId } : {}),
    ...(error.data?.issues ? { issues: error.data.issues } : {}),
  }
}

/** Turns a problem document that another service answered back into the error it was. */
export function fromProblem(
  problem: { code?: unknown; detail?: unknown; issues?: unknown },
  retryAfter?: string | undefined,
): ServiceError | undefined {
  if (typeof problem.code !== 'string' || !Object.hasOwn(errorCatalogue, problem.code)) return undefined
  return new ServiceError(problem.code as ErrorCode, {
    ...(typeof problem.detail === 'string' ? { detail: problem.detail } : {}),
    ...(Array.isArray(problem.issues) ? { issues: problem.issues as FieldIssue[] } : {}),
    ...(retryAfter && Number(retryAfter) >= 0 ? { retryAfterSeconds: Number(retryAfter) } : {}),
  })
}
