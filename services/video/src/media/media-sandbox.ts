import { createSandbox, type Sandbox } from '@fanone/sandbox'

/**
 * A sandbox for ffmpeg and ffprobe.
 *
 * @throws Error when one of them is not installed
 */
export function createMediaSandbox(options: { folder: string }): Promise<Sandbox> {
  const programs = ['ffmpeg', 'ffprobe'].map((program) => ({ program, args: ['-version'] }))
  return createSandbox({ ...options, programs })
}
