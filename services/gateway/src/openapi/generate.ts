/**
 * Writes docs/openapi.json: `node services/gateway/src/openapi/generate.ts`. A test holds the file
 * to it.
 */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createOpenApiDocument } from './openapi.document.ts'

const root = join(import.meta.dirname, '../../../..')
const path = join(root, 'docs/openapi.json')
await writeFile(path, JSON.stringify(await createOpenApiDocument()))
execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', path], { cwd: root, stdio: 'inherit' })
