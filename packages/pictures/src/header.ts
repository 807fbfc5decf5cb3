import { MAX_PICTURE_SIDE } from '@fanone/contracts'
import { HEIF } from 'image-size/types/heif'
import { JPG } from 'image-size/types/jpg'
import { PNG } from 'image-size/types/png'
import { WEBP } from 'image-size/types/webp'
import { NotAPictureError } from './not-a-picture-error.ts'

/** So much of a file is looked at before it is decoded. */
export const HEADER_BYTES = 128 * 1024

/** AVIF is a kind of HEIF; the decoder takes no other. */
const formats = [JPG, PNG, WEBP, HEIF]

/**
 * Refuses by its first bytes what is no picture of a format that is taken, or says that it is too
 * large: a file of 10 MiB can claim 900 million pixels. What hides its size is left to the decoder.
 *
 * @param head the first bytes of the file, at most `HEADER_BYTES`
 * @throws NotAPictureError
 */
export function checkHeader(head: Uint8Array): void {
  const format = formats.find(({ validate }) => attempt(() => validate(head)))
  if (!format) throw new NotAPictureError('JPEG, PNG, WebP and AVIF are taken')
  const size = attempt(() => format.calculate(head))
  if (size && Math.max(size.width, size.height) > MAX_PICTURE_SIDE) throw tooManyPixels(size)
}

const tooManyPixels = ({ width, height }: { width: number; height: number }) =>
  new NotAPictureError(`${width} by ${height} pixels; a side may have ${MAX_PICTURE_SIDE}`)

/** The readers throw whatever the language does where a file ends early. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
