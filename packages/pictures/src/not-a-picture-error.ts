/** The file is not a picture that can be shown. */
export class NotAPictureError extends Error {
  override name = 'NotAPictureError'
  /** For the person who sent it. */
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`Not a picture: ${reason}`, options)
    this.reason = reason
  }
}
