import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appIds, services } from './services.ts'
import { root } from './stack.ts'

const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

/** Load tests measure the services they name; separate installations start only what they need. */
const mayName = (file: string) => file.startsWith('tests/load/') || textOf(file).includes('newInstallation')
const files = globSync('tests/**/*.ts', { cwd: root }).filter((file) => !mayName(file))

/** Lists of names and numbers, also of pairs of them, and objects of ports. */
const literalLists = /\[(?:\s*\[?\s*(?:'[\w.-]+'|\d+)\s*\]?\s*,?)+\s*\]|\{(?:\s*\w+: 7\d{3},?)+\s*\}/g

/** @returns the lists that name more than two services, by name or by port */
function listsOfServices(text: string): string[] {
  return (text.match(literalLists) ?? []).filter((list) => {
    const names = appIds.filter((appId) => list.includes(`'${appId}'`) || list.includes(`'${appId}.sidecar'`))
    return names.length > 2 || new Set(list.match(/\b7[1-6]\d0\b/g)).size > 2
  })
}

test('every folder of services/ is a service of dapr.yaml', () => {
  const folders = globSync('services/*/package.json', { cwd: root }).map((path) => path.split('/')[1])
  expect(folders.toSorted()).toEqual(appIds.toSorted())
  for (const { appId, dir } of services) expect(dir).toBe(join(root, 'services', appId))
})

test.each(files)('%s types no list of services, which would forget the next one', (file) => {
  expect(listsOfServices(textOf(file))).toEqual([])
})

test('a list of services would be seen', () => {
  const three = appIds.slice(0, 3)
  const list = (items: readonly unknown[]) => `const list = [\n${items.join(',\n')},\n]`
  const written = [
    list(three.map((appId) => `'${appId}'`)),
    list(three.map((appId) => `['${appId}.sidecar', 7500]`)),
    list([1, 2, 3].map((number) => 7100 + 10 * number)),
    `const ports = { ${three.map((appId, index) => `${appId}: ${7100 + 10 * index}`).join(', ')} }`,
  ]
  for (const text of written) expect(listsOfServices(text), text).toHaveLength(1)
})
