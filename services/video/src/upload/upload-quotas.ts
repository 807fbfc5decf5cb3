import { ServiceError } from '@fanone/service-kit'
import type { UploadUsage } from './upload.repository.ts'

export interface UploadLimits {
  unfinishedCount: number
  unfinishedBytes: number
  dayBytes: number
}

const HOUR_SECONDS = 3_600

/** What one user may have under way, and upload in a day. */
export class UploadQuotas {
  readonly #limits: UploadLimits

  constructor(limits: UploadLimits) {
    this.#limits = limits
  }

  /**
   * @param sizeBytes of the upload that is about to begin
   * @throws ServiceError `upload_too_large` where it would never fit, `upload_quota_exceeded`
   */
  check(usage: UploadUsage, sizeBytes: number): void {
    const { unfinishedCount, unfinishedBytes, dayBytes } = this.#limits
    const mostBytes = Math.min(unfinishedBytes, dayBytes)
    if (sizeBytes > mostBytes)
      throw new ServiceError('upload_too_large', { detail: `${sizeBytes} bytes, of at most ${mostBytes}` })
    if (usage.unfinishedCount >= unfinishedCount)
      throw exceeded(`${usage.unfinishedCount} unfinished uploads, of at most ${unfinishedCount}`)
    this.checkGrowth(usage, sizeBytes)
  }

  /**
   * The same for one that has begun, and has so many bytes now.
   *
   * @param others what else is under way
   */
  checkGrowth(others: UploadUsage, sizeBytes: number): void {
    const { unfinishedBytes, dayBytes } = this.#limits
    if (others.unfinishedBytes + sizeBytes > unfinishedBytes)
      throw exceeded(`${others.unfinishedBytes} + ${sizeBytes} bytes unfinished, of at most ${unfinishedBytes}`)
    if (others.dayBytes + sizeBytes > dayBytes)
      throw exceeded(`${others.dayBytes} + ${sizeBytes} bytes in 24 hours, of at most ${dayBytes}`)
  }
}

const exceeded = (detail: string) =>
  new ServiceError('upload_quota_exceeded', { detail, retryAfterSeconds: HOUR_SECONDS })
