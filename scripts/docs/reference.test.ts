import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { renderReference } from './reference.ts'

test('docs/reference.md says what the code says (npm run docs)', async () => {
  const page = await readFile(resolve(import.meta.dirname, '../../docs/reference.md'), 'utf8')
  expect(page).toBe(await renderReference())
}, 60_000)
