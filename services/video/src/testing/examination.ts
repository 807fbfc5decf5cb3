import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '@fanone/sandbox'
import { afterAll, beforeAll, expect } from 'vitest'
import { makeCover } from '../media/cover.ts'
import { createMediaSandbox } from '../media/media-sandbox.ts'
import { NotAVideoError } from '../media/not-a-video-error.ts'
import { probeVideo, type VideoProbe } from '../media/probe.ts'

/** What publishing does with a file. */
export async function examine(path: string, sandbox: Sandbox): Promise<{ video: VideoProbe; cover: Buffer }> {
  const video = await probeVideo(path, sandbox)
  return { video, cover: await makeCover(path, { video, sandbox }) }
}

/** A folder and a sandbox for the tests of one file, removed after them. */
export function examinationRoom() {
  let folder: string
  let sandbox: Sandbox

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'fanone-media-')))
    sandbox = await createMediaSandbox({ folder: join(folder, 'work') })
  })
  afterAll(() => rm(folder, { recursive: true }))

  const room = {
    get folder() {
      return folder
    },
    get sandbox() {
      return sandbox
    },
    fileIn: (name: string) => join(folder, name),

    async write(name: string, content: string | Buffer): Promise<string> {
      await writeFile(room.fileIn(name), content)
      return room.fileIn(name)
    },

    examine: (path: string) => examine(path, sandbox),

    /** What an accepted file was found to be, with the size of its cover. */
    async findings(path: string): Promise<VideoProbe & { cover: [width: number, height: number] }> {
      const { video, cover } = await examine(path, sandbox)
      return { ...video, cover: jpegSize(cover) }
    },

    /** Why a file is refused. */
    async refusalOf(path: string): Promise<string> {
      const error = await examine(path, sandbox).then(
        () => 'accepted',
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(NotAVideoError)
      const { reason } = error as NotAVideoError
      expect(reason).not.toContain(folder)
      return reason
    },
  }
  return room
}

/** Width and height of a JPEG, from its frame header. */
export function jpegSize(jpeg: Buffer): [width: number, height: number] {
  expect(jpeg.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]))
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  return [jpeg.readUInt16BE(frame + 7), jpeg.readUInt16BE(frame + 5)]
}

/** A file of `testing/cases`: what people's programs have written, as it met trouble elsewhere. */
export const caseFile = (name: string): string => join(import.meta.dirname, 'cases', name)

/** The bytes of a file. */
export const bytesOf = (path: string): Promise<Buffer> => readFile(path)
