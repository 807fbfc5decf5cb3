import type { RankingPeriod } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'

/** A position in a ranking: which one, and the rank to go on from. */
export interface PopularPosition {
  version: number
  rank: number
}

const encode = (period: RankingPeriod, { version, rank }: PopularPosition) =>
  Buffer.from(`popular:${period}:${version}:${rank}`).toString('base64url')

export const encodePopularCursor = encode

/** @throws ServiceError `malformed_cursor` for anything that was not made for this period */
export function decodePopularCursor(period: RankingPeriod, cursor: string): PopularPosition {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const match = /^popular:\w+:(\d{1,15}):(\d{1,4})$/.exec(text)
  const position = { version: Number(match?.[1]), rank: Number(match?.[2]) }
  if (!match || encode(period, position) !== cursor) throw new ServiceError('malformed_cursor')
  return position
}
