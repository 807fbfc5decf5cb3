import { ORPCError } from '@orpc/client'

/** What the API says about a failure (RFC 9457). */
export interface Problem {
  code: string
  status: number
  detail: string | undefined
  requestId: string | undefined
  /** When to come back, in seconds. */
  retryAfterSeconds: number | undefined
}

interface Annotated {
  code?: string
  status?: number
  detail?: string
  requestId?: string
  retryAfter?: string
}

/**
 * Puts what only headers say into the body of a problem, and names it JSON: oRPC reads any other
 * `…+json` as a file.
 */
export async function withRequestId(response: Response): Promise<Response> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return response
  const body = {
    ...((await response.json()) as object),
    requestId: response.headers.get('x-request-id'),
    retryAfter: response.headers.get('retry-after'),
  }
  return Response.json(body, { status: response.status })
}

/** The error of a problem document; `data` is a `Problem`. */
export function readProblem(body: unknown): ORPCError<string, Problem> | null {
  const { code, status = 500, detail, requestId, retryAfter } = (body ?? {}) as Annotated
  if (code === undefined) return null
  const retryAfterSeconds = retryAfter == null ? undefined : Number(retryAfter)
  return new ORPCError(code, { status, data: { code, status, detail, requestId, retryAfterSeconds } })
}

/** What went wrong, of whatever was thrown; undefined where no answer came at all. */
export function problemOf(error: unknown): Problem | undefined {
  if (!(error instanceof ORPCError)) return undefined
  const { data, status, code } = error as ORPCError<string, Partial<Problem> | undefined>
  return {
    code: data?.code ?? code,
    status,
    detail: data?.detail,
    requestId: data?.requestId,
    retryAfterSeconds: data?.retryAfterSeconds,
  }
}
