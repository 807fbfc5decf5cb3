import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { renderContractsIndex, renderServiceContracts } from './contracts.ts'
import { root, services } from './declarations.ts'
import { renderOutputs, staleFiles } from './outputs.ts'

const outputs = renderOutputs()
const contracts = services.filter(({ contract }) => contract !== undefined).map(({ appId }) => appId)
const all = [
  { path: 'packages/contracts/src/index.ts', text: renderContractsIndex(root) },
  { path: 'packages/contracts/src/services.ts', text: renderServiceContracts(contracts) },
  ...outputs,
]

describe('what follows from the declarations is checked in (else: npm run generate)', () => {
  test.each(all)('$path', ({ path, text }) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text)
  })

  test('and nothing is left of what there was', () => {
    expect(staleFiles(outputs)).toEqual([])
  })
})

test('it is the same on a machine with 64 cores', async () => {
  const outputsFile = join(root, 'scripts/generate/outputs.ts')
  const cores = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'
    os.availableParallelism = () => 64; syncBuiltinESMExports()`
  const print = `import { renderOutputs } from ${JSON.stringify(outputsFile)}
    process.stdout.write(JSON.stringify(renderOutputs()))`
  const preload = `--import=data:text/javascript,${encodeURIComponent(cores)}`
  const { stdout } = await execa('node', [preload, '--input-type=module', '-e', print], {
    cwd: root,
    preferLocal: true,
  })
  expect(JSON.parse(stdout)).toEqual(outputs)
}, 30_000)

test('a service with a hyphen has its contract, too', () => {
  expect(renderServiceContracts(['image-search', 'chat'])).toContain(
    "export const serviceContracts = {\n  chat: chatContract,\n  'image-search': imageSearchContract,\n}",
  )
})
