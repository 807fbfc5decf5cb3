import type { Size } from '../media/shown-size.ts'

/** One size and rate in which a video is made. */
export interface Rung extends Size {
  /** By its shorter side: `720p`. */
  name: string
  /** The most that the picture takes, in bits a second. */
  maxVideoBitrate: number
  audioBitrate: number
}

/** Shorter sides, with the most bits a second they are worth for picture and sound. */
const LADDER = [
  { side: 240, maxVideoBitrate: 400_000, audioBitrate: 64_000 },
  { side: 480, maxVideoBitrate: 1_400_000, audioBitrate: 96_000 },
  { side: 720, maxVideoBitrate: 2_800_000, audioBitrate: 128_000 },
  { side: 1080, maxVideoBitrate: 5_000_000, audioBitrate: 128_000 },
] as const
/** A source that is this much larger than the best rung below it is made in its own size too. */
const WORTH_ITS_OWN = 4 / 3

/**
 * The sizes a video is made in, smallest first: 240p, 480p, 720p and 1080p as far as the source
 * reaches, and the source's own size where the next smaller one would lose much of it. Never
 * larger than the source; sides are even, as halved colours need them.
 *
 * @param source as shown, turned upright
 */
export function ladderFor(source: Size): Rung[] {
  const side = Math.min(source.width, source.height)
  const rungs = LADDER.filter((step) => step.side <= side).map((step) => toRung(source, step))
  const best = LADDER.findLast((step) => step.side <= side)
  const next = LADDER.find((step) => step.side > side)
  if (next && side >= (best?.side ?? 0) * WORTH_ITS_OWN) rungs.push(toRung(source, { ...next, side }))
  return rungs
}

function toRung(source: Size, step: { side: number; maxVideoBitrate: number; audioBitrate: number }): Rung {
  const { maxVideoBitrate, audioBitrate } = step
  const scale = step.side / Math.min(source.width, source.height)
  // Down, so that nothing is larger than the source; two pixels are the least H.264 has.
  const toEven = (length: number) => Math.max(2, 2 * Math.floor((length * scale + 0.01) / 2))
  const size = { width: toEven(source.width), height: toEven(source.height) }
  return { name: `${Math.min(size.width, size.height)}p`, ...size, maxVideoBitrate, audioBitrate }
}
