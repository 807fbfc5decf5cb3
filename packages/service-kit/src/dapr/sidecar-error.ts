/** A sidecar that could not be reached, did not answer in time, or answered with an error. */
export class SidecarError extends Error {
  override name = 'SidecarError'
  /** What the sidecar answered; undefined where there was no whole answer. */
  readonly status: number | undefined
  /** Whether the deadline passed before there was an answer. */
  readonly isTimeout: boolean

  constructor(message: string, options: { status?: number; isTimeout?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.isTimeout = options.isTimeout ?? false
  }
}
