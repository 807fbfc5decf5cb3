import { readdirSync } from 'node:fs'
import { join } from 'node:path'

// Made from names of files alone, because declarations import what is made here.

const note = '// Written by `npm run generate`'

/** packages/contracts/src/index.ts: everything of every module there. */
export function renderContractsIndex(checkout: string): string {
  const files = readdirSync(join(checkout, 'packages/contracts/src')).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts',
  )
  const names = [...new Set([...files, 'services.ts'])].toSorted(byName)
  return [`${note}.`, ...names.map((file) => `export * from './${file}'`), ''].join('\n')
}

/** packages/contracts/src/services.ts: the contract of each module that is named like a service. */
export function renderServiceContracts(appIds: readonly string[]): string {
  const sorted = appIds.toSorted(byName)
  const entries = sorted.map((appId) => `  ${/\W/.test(appId) ? `'${appId}'` : appId}: ${contractName(appId)},`)
  return [
    `${note}: the contract of each module that is named like a service.`,
    ...sorted.map((appId) => `import { ${contractName(appId)} } from './${appId}.ts'`),
    '',
    '/** The operations of each service, by app id. */',
    'export const serviceContracts = {',
    ...entries,
    '}',
    '',
  ].join('\n')
}

/** The contract of `image-search` is `imageSearchContract`. */
const contractName = (appId: string) =>
  `${appId.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase())}Contract`

const byName = (a: string, b: string) => (a < b ? -1 : 1)
