import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { renderArchitecture } from '../docs/call-graph.ts'
import { renderReference } from '../docs/reference.ts'
import type { Settings } from '../stack/settings.ts'

/** `npm run docs`: writes the pages that are made from the code. */
export async function docs(settings: Settings): Promise<number> {
  await writeFile(join(settings.root, 'docs/reference.md'), await renderReference())
  await writeFile(join(settings.root, 'docs/architecture.md'), renderArchitecture())
  await execa('node', [join(settings.root, 'services/gateway/src/openapi/generate.ts')], {
    cwd: settings.root,
    preferLocal: true,
  })
  console.log('docs/reference.md, docs/openapi.json and the call graph in docs/architecture.md are up to date')
  return 0
}
