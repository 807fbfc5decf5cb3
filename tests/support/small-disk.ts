import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** A disk of a few megabytes: a tmpfs over a folder, whose content is hidden until unmounted. */
export interface SmallDisk {
  freeBytes(): Promise<number>
  /** Fills it with one file until only this much is free; what filled it before is taken away. */
  leave(freeBytes: number): Promise<void>
  /** Leaves room for this many further files and folders. */
  leaveInodes(count: number): Promise<void>
  /** Takes every limit and filling away. */
  clear(): Promise<void>
  unmount(): Promise<void>
}

const FILLER = '.filler'
const ENOUGH_INODES = 10_000

/** @returns the disk, or why there can be none here: mounting needs root */
export async function mountSmallDisk(folder: string, sizeBytes: number): Promise<SmallDisk | string> {
  await mkdir(folder, { recursive: true })
  const options = `size=${sizeBytes},nr_inodes=${ENOUGH_INODES}`
  const { exitCode, stderr } = await execa('mount', ['-t', 'tmpfs', '-o', options, 'fanone-small-disk', folder], {
    reject: false,
  })
  if (exitCode !== 0) return `no small disk can be mounted here: ${stderr}`
  const filler = join(folder, FILLER)
  const limitInodes = (count: number) => execa('mount', ['-o', `remount,nr_inodes=${count}`, folder])
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  }
  return {
    freeBytes,
    async leave(bytes) {
      await rm(filler, { force: true })
      await writeFile(filler, Buffer.alloc((await freeBytes()) - bytes))
    },
    async leaveInodes(count) {
      const { files, ffree } = await statfs(folder)
      await limitInodes(files - ffree + count)
    },
    async clear() {
      await rm(filler, { force: true })
      await limitInodes(ENOUGH_INODES)
    },
    async unmount() {
      await execa('umount', [folder])
    },
  }
}
