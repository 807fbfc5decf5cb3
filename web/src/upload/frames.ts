import { LARGEST_WIDTH, paint, toJpeg } from '../lib/pictures.ts'

const WAIT_MS = 15_000

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
    return toJpeg(await this.draw(seconds, LARGEST_WIDTH))
  }

  close(): void {
    URL.revokeObjectURL(this.#url)
    this.#video.removeAttribute('src')
    this.#video.load()
  }
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
