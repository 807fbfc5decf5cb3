import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderReference } from '../docs/reference.ts'
import type { Settings } from '../stack/settings.ts'

/** `npm run docs`: writes the pages that are made from the code. */
export async function docs(settings: Settings): Promise<number> {
  await writeFile(join(settings.root, 'docs/reference.md'), await renderReference())
  console.log('docs/reference.md is up to date')
  return 0
}
