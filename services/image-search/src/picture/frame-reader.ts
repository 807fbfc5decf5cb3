import { createSandbox, type Sandbox, SandboxError } from '@fanone/sandbox'

const LIMITS = { program: 'ffmpeg', cpuSeconds: 10, timeoutMs: 30_000 }
/** By the extension that the video service gives a file whose structure it has checked. */
const DEMUXERS: Readonly<Record<string, string>> = { mp4: 'mov', webm: 'matroska' }

/** Reads frames of published videos with ffmpeg in the sandbox. */
export class FrameReader {
  readonly #sandbox: Sandbox

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox
  }

  /** @throws Error when ffmpeg is not installed */
  static async open(options: { folder: string }): Promise<FrameReader> {
    const programs = [{ program: LIMITS.program, args: ['-version'] }]
    return new FrameReader(await createSandbox({ ...options, programs }))
  }

  /**
   * The frame at a time.
   *
   * @param options.path absolute
   * @param options.key the media key, whose extension says what the file is
   * @param options.side pixels on each side of the square that the frame is stretched to
   * @returns RGB, line by line; undefined where there is no such frame
   */
  async read(options: { path: string; key: string; timeMs: number; side: number }): Promise<Buffer | undefined> {
    const { path, key, timeMs, side } = options
    const demuxer = DEMUXERS[key.slice(key.lastIndexOf('.') + 1)]
    if (!demuxer) return undefined
    const bytes = side * side * 3
    // A forced demuxer: otherwise a playlist named .mp4 would be taken for a playlist.
    const args = [
      ...['-v', 'error', '-nostdin', '-threads', '1', '-filter_threads', '1'],
      ...['-ss', (timeMs / 1_000).toFixed(3), '-protocol_whitelist', 'file', '-f', demuxer],
      ...(demuxer === 'mov' ? ['-enable_drefs', '0'] : []),
      ...['-i', `file:${path}`, '-map', '0:v:0', '-frames:v', '1'],
      ...['-vf', `scale=${side}:${side}:flags=bicubic,format=rgb24`, '-f', 'rawvideo', 'pipe:1'],
    ]
    try {
      const { stdout } = await this.#sandbox.run({ ...LIMITS, args, maxOutputBytes: bytes })
      return stdout.length === bytes ? stdout : undefined
    } catch (error) {
      // Wall-clock time runs out on a busy machine; everything else is the fault of the file.
      if (error instanceof SandboxError && error.limit !== 'time') return undefined
      throw error
    }
  }
}
