import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { renderContractsIndex, renderServiceContracts } from '../generate/contracts.ts'
import type { Settings } from '../stack/settings.ts'

/** `npm run generate`: writes every file that follows from contracts and declarations. */
export async function generate({ root }: Settings): Promise<number> {
  const contracts = join(root, 'packages/contracts/src')
  const appIds = readdirSync(join(root, 'services')).filter((name) => existsSync(join(contracts, `${name}.ts`)))
  writeFileSync(join(contracts, 'services.ts'), renderServiceContracts(appIds))
  writeFileSync(join(contracts, 'index.ts'), renderContractsIndex(root))
  for (const script of ['scripts/generate/main.ts', 'services/gateway/src/openapi/generate.ts'])
    await execa('node', [join(root, script)], { cwd: root, preferLocal: true, stdio: 'inherit' })
  console.log('What follows from contracts and declarations is up to date; git diff shows what that changed')
  return 0
}
