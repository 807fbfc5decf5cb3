import { type Sandbox, SandboxError, type SandboxOutput } from '@fanone/sandbox'
import type { Container } from './container.ts'
import { MAX_STREAMS } from './mp4-tracks.ts'
import { NotAVideoError } from './not-a-video-error.ts'

/** A file that is being examined. */
export interface UploadFile {
  /** Absolute. */
  path: string
  container: Container
  sandbox: Sandbox
}

const DEMUXER = { mp4: 'mov', webm: 'matroska' }

/**
 * Arguments of ffprobe and ffmpeg that open an upload: without a forced demuxer ffmpeg takes a
 * playlist named .mp4 for a playlist and opens the files it names.
 */
export function inputArguments(path: string, container: 'mp4' | 'webm'): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-max_streams', String(MAX_STREAMS), '-f', DEMUXER[container]],
    ...(container === 'mp4' ? ['-enable_drefs', '0'] : []),
    ...['-i', `file:${path}`],
  ]
}

/**
 * Awaits a program in the sandbox. Files that it refuses, crashes on or cannot process within its
 * CPU time are no videos. Running out of time is passed on, because a busy machine does that to
 * good files.
 */
export async function refuseOnFailure(run: Promise<SandboxOutput>): Promise<SandboxOutput> {
  try {
    return await run
  } catch (error) {
    if (!(error instanceof SandboxError) || error.limit === 'time') throw error
    const reason = error.limit ? 'The file takes too much work to decode' : 'The file is damaged or not a video'
    throw new NotAVideoError(reason, { cause: error })
  }
}
