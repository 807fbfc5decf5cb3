/** The file cannot become a video. `reason` is a short sentence that may be shown to whoever uploaded it. */
export class NotAVideoError extends Error {
  override name = 'NotAVideoError'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.reason = reason
  }
}
