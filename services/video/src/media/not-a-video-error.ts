/** The file cannot become a video. `reason` is a short sentence for the person who uploaded it. */
export class NotAVideoError extends Error {
  override name = 'NotAVideoError'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.reason = reason
  }
}

/** Reasons that several checks share. */
export const INCOMPLETE = 'The file is incomplete'
export const DAMAGED = 'The file is damaged'
export const TOO_MANY_STREAMS = 'The file has too many streams'
export const ENCRYPTED = 'The file is encrypted'
