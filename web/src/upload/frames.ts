const WAIT_MS = 15_000
/** As wide as covers are shown at most. */
const COVER_WIDTH = 1280
const QUALITY = 0.9

/** Pictures of a video that is in a file of this device. */
export class Frames {
  readonly #video: HTMLVideoElement
  readonly #url: string
  /** Seeks one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(video: HTMLVideoElement, url: string) {
    this.#video = video
    this.#url = url
  }

  /** @throws where this browser cannot play the file */
  static async open(file: File): Promise<Frames> {
    const video = document.createElement('video')
    const url = URL.createObjectURL(file)
    Object.assign(video, { muted: true, playsInline: true, preload: 'auto', src: url })
    const frames = new Frames(video, url)
    try {
      await happened(video, 'loadeddata')
      if (video.videoWidth === 0) throw new Error('The file has no picture that this browser shows')
      return frames
    } catch (error) {
      frames.close()
      throw error
    }
  }

  get durationSeconds(): number {
    return Number.isFinite(this.#video.duration) ? this.#video.duration : 0
  }

  /** A frame, at most so many pixels wide. */
  draw(seconds: number, maxWidth: number): Promise<HTMLCanvasElement> {
    const drawn = this.#turn.then(async () => {
      const sought = happened(this.#video, 'seeked')
      this.#video.currentTime = seconds
      await sought
      const { videoWidth: width, videoHeight: height } = this.#video
      return paint(this.#video, { width, height }, maxWidth)
    })
    this.#turn = drawn.catch(() => undefined)
    return drawn
  }

  /** The cover that a frame makes. */
  async cover(seconds: number): Promise<Blob> {
    return toJpeg(await this.draw(seconds, COVER_WIDTH))
  }

  close(): void {
    URL.revokeObjectURL(this.#url)
    this.#video.removeAttribute('src')
    this.#video.load()
  }
}

/** The cover that a picture makes. @throws where this browser cannot show it */
export async function coverOf(picture: File): Promise<Blob> {
  const bitmap = await createImageBitmap(picture)
  try {
    return await toJpeg(paint(bitmap, bitmap, COVER_WIDTH))
  } finally {
    bitmap.close()
  }
}

function paint(
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

function toJpeg(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error('The picture could not be kept')))
    canvas.toBlob(done, 'image/jpeg', QUALITY)
  })
}

/** @throws where the video fails first, or nothing happens */
function happened(video: HTMLVideoElement, event: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    const end = (then: () => void) => () => {
      over.abort()
      then()
    }
    const failed = end(() => reject(new Error(`The video gave no ${event}`)))
    const late = setTimeout(failed, WAIT_MS)
    over.signal.addEventListener('abort', () => clearTimeout(late))
    video.addEventListener(event, end(resolve), { once: true, signal: over.signal })
    video.addEventListener('error', failed, { once: true, signal: over.signal })
  })
}
