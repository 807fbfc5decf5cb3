/** As wide as covers are shown at most. */
export const LARGEST_WIDTH = 1280
const QUALITY = 0.9

/**
 * A picture of this device as the API takes it: upright, as JPEG, no larger than needed.
 *
 * @throws where this browser cannot show it
 */
export async function asJpeg(picture: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(picture)
  try {
    return await toJpeg(paint(bitmap, bitmap, LARGEST_WIDTH))
  } finally {
    bitmap.close()
  }
}

/** Draws what a browser shows, at most so many pixels wide. */
export function paint(
  source: CanvasImageSource,
  { width, height }: { width: number; height: number },
  maxWidth: number,
): HTMLCanvasElement {
  const scale = Math.min(1, maxWidth / width)
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height)
  return canvas
}

export function toJpeg(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error('The picture could not be kept')))
    canvas.toBlob(done, 'image/jpeg', QUALITY)
  })
}
