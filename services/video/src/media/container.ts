import { type FileHandle, open } from 'node:fs/promises'
import { readMp4, startsAsMovie } from './mp4.ts'
import { NotAVideoError } from './not-a-video-error.ts'
import { readAt } from './read-at.ts'
import { readWebm, startsAsWebm } from './webm.ts'

/** What a file says about itself in its own structure, before any decoder has seen it. */
export interface Container {
  /** MP4 and MOV are one family (ISO base media), WebM and Matroska the other. */
  family: 'mp4' | 'webm'
  /**
   * Whether the structure does not show a missing end, as in recordings whose last part states no
   * size.
   */
  isOpenEnded: boolean
  /** Whether a movie has its index behind its media: players read to its end before they begin. */
  isIndexLast: boolean
}

const HEAD_BYTES = 512

/**
 * Protects ffmpeg from deceptive files (scripts that name other files, a hundred thousand tracks)
 * and viewers from truncated videos: detects the container from the first bytes, and its end from
 * the sizes it states. Costs a few reads, whatever the size of the file.
 *
 * @throws NotAVideoError
 */
export async function readContainer(path: string): Promise<Container> {
  const file = await open(path)
  try {
    return await readOpenFile(file)
  } finally {
    await file.close()
  }
}

async function readOpenFile(file: FileHandle): Promise<Container> {
  const { size } = await file.stat()
  if (size === 0) throw new NotAVideoError('The file is empty')
  const head = await readAt(file, 0, HEAD_BYTES)
  if (startsAsMovie(head)) return { family: 'mp4', ...(await readMp4(file, size)) }
  if (startsAsWebm(head)) return { family: 'webm', isOpenEnded: await readWebm(file, size, head), isIndexLast: false }
  throw new NotAVideoError('Only MP4, MOV and WebM files are accepted')
}
