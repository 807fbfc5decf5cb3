import { type DetailedError, type HttpRequest, Upload } from 'tus-js-client'
import { session } from '../api/client.ts'
import { problemOf, readProblem } from '../api/problem.ts'

const ENDPOINT = '/v1/uploads'
/** A piece is a request with a token of its own: none may take longer than tokens are good. */
const PIECE_BYTES = 8 * 1024 ** 2
/** Twenty minutes without an answer; each piece that arrives begins anew. */
const RETRY_DELAYS_MS = [0, 1_000, 2_000, 4_000, ...Array<number>(150).fill(8_000)]

export interface TransferOptions {
  file: File
  /** Where the server has the beginning of it. */
  url: string | undefined
  onUrl: (url: string) => void
  /** @param sentBytes handed to the network, which may be more than what has arrived */
  onProgress: (sentBytes: number) => void
  /** @param sentBytes what has arrived */
  onArrived: (sentBytes: number) => void
  /** A request failed and is made again. */
  onTrouble: () => void
  onStored: (url: string) => void
  onFailed: (error: unknown) => void
}

/**
 * Sends a file, from where it was before. What fails for a while is tried again.
 *
 * @returns stops it; what has arrived stays
 */
export function startTransfer(options: TransferOptions): () => void {
  const { file, url, onUrl, onProgress, onArrived, onTrouble, onStored, onFailed } = options
  const upload = new Upload(file, {
    // With an endpoint, any failure to ask for the offset would begin a second upload.
    ...(url === undefined ? { endpoint: ENDPOINT } : { uploadUrl: url }),
    metadata: { filename: file.name, filetype: file.type },
    chunkSize: PIECE_BYTES,
    retryDelays: RETRY_DELAYS_MS,
    storeFingerprintForResuming: false,
    onBeforeRequest: authorize,
    onUploadUrlAvailable: () => {
      upload.options.endpoint = null
      if (upload.url) onUrl(upload.url)
    },
    onProgress,
    onChunkComplete: (_size, accepted) => onArrived(accepted),
    onShouldRetry: (error) => {
      const mayPass = isPassingFailure(error)
      if (mayPass) onTrouble()
      return mayPass
    },
    onSuccess: () => onStored(upload.url ?? ''),
    onError: (error) => onFailed(toProblem(error)),
  })
  upload.start()
  return () => void upload.abort()
}

/** Removes what the server has of an upload; if that fails, it goes when its time is over. */
export async function endTransfer(url: string): Promise<void> {
  await Upload.terminate(url, { onBeforeRequest: authorize, retryDelays: [1_000, 3_000] }).catch(() => undefined)
}

/** Each request has the token of its moment, so that an upload may outlast many. */
async function authorize(request: HttpRequest): Promise<void> {
  const token = await session.token().catch(() => undefined)
  if (token) request.setHeader('Authorization', `Bearer ${token}`)
}

/** Whether trying again may help: no answer, a busy server, a session that has to be renewed. */
function isPassingFailure(error: DetailedError): boolean {
  const problem = problemOf(toProblem(error))
  if (problem === undefined) return true
  const { status, code } = problem
  if (status === 401) {
    const [, token = ''] = error.originalRequest.getHeader('Authorization')?.split(' ') ?? []
    void session.doubt(token).catch(() => undefined)
    return session.current().state === 'member'
  }
  if (code === 'upload_quota_exceeded' || code === 'storage_full') return false
  return status >= 500 || [408, 409, 423, 429].includes(status) || code === 'upload_aborted'
}

/** The problem that the server answered, as of any other call; otherwise what was thrown. */
function toProblem(error: unknown): unknown {
  const response = (error as Partial<DetailedError>).originalResponse
  if (!response) return error
  try {
    const body = JSON.parse(response.getBody()) as object
    const retryAfter = response.getHeader('Retry-After')
    const requestId = response.getHeader('X-Request-Id')
    return readProblem({ ...body, retryAfter, requestId }) ?? withoutBody(response.getStatus())
  } catch {
    // The answer to a HEAD request has no body.
    return withoutBody(response.getStatus())
  }
}

const codesOfStatus: Record<number, string> = { 404: 'upload_not_found', 410: 'upload_expired' }
const withoutBody = (status: number) => readProblem({ status, code: codesOfStatus[status] ?? 'unknown' })
