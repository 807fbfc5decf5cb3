import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalStorage } from './index.ts'
import { describeServing } from './testing/serve-suite.ts'

describeServing('local storage', async () => {
  const rootDir = await mkdtemp(join(tmpdir(), 'fanone-serve-'))
  await mkdir(join(rootDir, 'media'))
  await writeFile(join(rootDir, 'media/.hidden'), 'hidden')
  await writeFile(join(rootDir, 'outside.txt'), 'outside')
  return { storage: createLocalStorage({ rootDir }), close: () => rm(rootDir, { recursive: true }) }
})
