import { ServiceError } from '@fanone/service-kit'
import { shedRequests } from './shed-requests.ts'

export interface EventStreamsOptions {
  /** Of one user at a time: some pages in some browsers. */
  perUser: number
  /** Of all users at a time: each asks a service once a second. */
  atATime: number
}

/** Bounds answers that go on for minutes, which bounds of requests would take for slow ones. */
export class EventStreams {
  #options: EventStreamsOptions
  readonly #byUser = new Map<number, number>()
  #open = 0

  constructor(options: EventStreamsOptions) {
    this.#options = options
  }

  /** Changes how many there may be; those that are open stay. */
  resize(options: EventStreamsOptions): void {
    this.#options = options
  }

  /**
   * Runs a stream of a user.
   *
   * @throws ServiceError `too_many_requests` where the user has too many, `unavailable` where all
   *   together have
   */
  async run(userId: number, stream: () => Promise<void>): Promise<void> {
    const { perUser, atATime } = this.#options
    const ofUser = this.#byUser.get(userId) ?? 0
    if (ofUser >= perUser) throw this.#refuse('too_many_requests', `A user has at most ${perUser} streams of events`)
    if (this.#open >= atATime) throw this.#refuse('unavailable', 'Too many streams of events')
    this.#count(userId, 1)
    try {
      await stream()
    } finally {
      this.#count(userId, -1)
    }
  }

  #count(userId: number, change: 1 | -1): void {
    this.#open += change
    const ofUser = (this.#byUser.get(userId) ?? 0) + change
    if (ofUser > 0) this.#byUser.set(userId, ofUser)
    else this.#byUser.delete(userId)
  }

  #refuse(code: 'too_many_requests' | 'unavailable', detail: string): ServiceError {
    shedRequests.inc({ reason: 'event_streams' })
    return new ServiceError(code, { detail, retryAfterSeconds: 1 })
  }
}
