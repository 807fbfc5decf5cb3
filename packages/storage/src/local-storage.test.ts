import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLocalStorage } from './index.ts'
import { describeStorage } from './testing/storage-suite.ts'

async function openFolder() {
  const rootDir = await mkdtemp(join(tmpdir(), 'fanone-storage-'))
  return {
    rootDir,
    storage: createLocalStorage({ rootDir }),
    reopen: () => createLocalStorage({ rootDir }),
    everything: async () => {
      const entries = await readdir(rootDir, { recursive: true, withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile())
      const names = files.map((entry) => relative(rootDir, join(entry.parentPath, entry.name)))
      return names.map((name) => name.replace(/^\.growing\//, '')).sort()
    },
    close: () => rm(rootDir, { recursive: true }),
  }
}

describeStorage('local storage', openFolder)

test('only transfers that have been still for long enough are abandoned', async () => {
  const { rootDir, storage, everything, close } = await openFolder()
  await storage.put('uploads/a1', Readable.from([Buffer.from('done')]))
  const incoming = join(rootDir, '.incoming')
  await writeFile(join(incoming, 'killed'), 'half')
  await utimes(join(incoming, 'killed'), 0, 0)
  await writeFile(join(incoming, 'running'), 'half')
  expect(await storage.deleteAbandonedTransfers(60_000)).toBe(1)
  expect(await everything()).toEqual(['.incoming/running', 'uploads/a1'])
  await close()
})
