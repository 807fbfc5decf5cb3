import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { renderContractsIndex, renderServiceContracts } from './contracts.ts'
import { root, services } from './declarations.ts'
import { renderOutputs, staleFiles } from './outputs.ts'

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => 64, // what is generated is the same on every machine
}))

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

test('a service with a hyphen has its contract, too', () => {
  expect(renderServiceContracts(['image-search', 'chat'])).toContain(
    "export const serviceContracts = {\n  chat: chatContract,\n  'image-search': imageSearchContract,\n}",
  )
})
