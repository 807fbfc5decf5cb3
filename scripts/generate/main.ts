import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeExample } from '../kubernetes/chart.ts'
import { findHelm } from '../setup/helm.ts'
import { readSettings } from '../stack/settings.ts'
import { renderOutputs, staleFiles } from './outputs.ts'

// A separate process, because it imports the contracts that `npm run generate` has just written.
const root = join(import.meta.dirname, '../..')
const outputs = renderOutputs()
for (const { path, text } of outputs) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
for (const path of staleFiles(outputs)) rmSync(join(root, path))
// Nobody needs Helm to add a service; where there is none, `npm run chart:render` follows later.
const helm = await findHelm(readSettings().cache)
if (helm !== undefined) await writeExample(helm)
