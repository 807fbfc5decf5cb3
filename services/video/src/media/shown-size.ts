import { NotAVideoError } from './not-a-video-error.ts'
import type { Stream } from './streams.ts'

export interface Size {
  width: number
  height: number
}

const MAX_SIDE = 8192
/** Pixels whose sides differ by no more than this share count as square. */
const SQUARE_TOLERANCE = 0.01

/**
 * The size at which players show a picture. For non-square pixels one side grows and the other
 * stays, as HTML requires (HTML Standard, 4.8.8, "natural width"); then comes the rotation that
 * phones write instead of turning the picture.
 *
 * @throws NotAVideoError for pictures without a side, or with a coded side that is too long
 */
export function shownSize(video: Stream): Size {
  const isSane = [video.width, video.height].every((side) => side >= 1 && side <= MAX_SIDE)
  if (!isSane) throw new NotAVideoError(`The picture must be at most ${MAX_SIDE} pixels wide and high`)
  const { width, height } = stretch(video, pixelShape(video.sample_aspect_ratio))
  const rotation = video.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0
  const isOnItsSide = Math.abs(rotation) % 180 === 90
  return isOnItsSide ? { width: height, height: width } : { width, height }
}

/** Width to height of a pixel, from "64:45". "0:1" means that nothing is stated. */
function pixelShape(ratio = '1:1'): number {
  const [width = 0, height = 0] = ratio.split(':').map(Number)
  const isStated = width > 0 && height > 0
  return isStated && Math.abs(width - height) > SQUARE_TOLERANCE * height ? width / height : 1
}

/** Only the shape of a picture counts where its longer side would become too long. */
function stretch({ width, height }: Size, shape: number): Size {
  const shown = shape > 1 ? { width: width * shape, height } : { width, height: height / shape }
  const scale = Math.min(1, MAX_SIDE / Math.max(shown.width, shown.height))
  const toPixels = (side: number) => Math.max(1, Math.round(side * scale))
  return { width: toPixels(shown.width), height: toPixels(shown.height) }
}
