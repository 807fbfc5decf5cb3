import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { declaredRoutes } from './declared-routes.ts'
import { nounOf, verbOf } from './route-table.ts'

const root = join(import.meta.dirname, '../../../..')
const files = declaredRoutes.map((route) => {
  const noun = nounOf(route)
  const file = `${noun}/${noun}.${route.surface}.ts`
  return {
    name: `${route.method} ${route.path}`,
    /** The last part of its name, which is where its handler is called so. */
    verb: verbOf(route),
    noun,
    contract: join(root, 'packages/contracts/src/gateway', file),
    handler: join(root, 'services/gateway/src', file),
  }
})

describe('from a URL to its file', () => {
  it.each(files)('$name is declared and answered in the files of $noun', async ({ noun, verb, contract, handler }) => {
    expect(existsSync(contract)).toBe(true)
    expect(existsSync(handler)).toBe(true)
    // Uploads are answered by what their file describes.
    if (noun !== 'uploads') expect(await readFile(handler, 'utf8')).toMatch(new RegExp(`\\b${verb}: `))
  })
})
