import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { chooseTests, projectsTouchedBy } from './chosen.ts'

const root = resolve(import.meta.dirname, '../..')

test('without a choice all projects run, whole', async () => {
  const chosen = await chooseTests(root, [])
  expect([...chosen.keys()]).toEqual(['unit', 'component', 'api', 'measured', 'exclusive', 'network', 'boot'])
  expect([...new Set(chosen.values())]).toEqual(['all'])
})

test('projects are chosen by name', async () => {
  expect([...(await chooseTests(root, ['api', 'unit']))]).toEqual([
    ['unit', 'all'],
    ['api', 'all'],
  ])
})

test('a file runs in the project that it belongs to', async () => {
  const file = (name: string) => resolve(root, name)
  expect([...(await chooseTests(root, ['tests/user/indexes', 'tests/user/cache']))].toSorted()).toEqual([
    ['component', [file('tests/user/indexes.test.ts')]],
    ['exclusive', [file('tests/user/cache.test.ts')]],
  ])
}, 30_000)

test('what is neither is refused', async () => {
  await expect(chooseTests(root, ['nobody/has/this'])).rejects.toThrow('no project and no test file nobody/has/this')
}, 30_000)

test.each([
  [['services/feed/src/app.ts'], ['api', 'measured', 'exclusive']],
  [['services/feed/src/timeline/page.test.ts'], []],
  [['services/feed/src/redis/read-page.lua'], ['unit', 'api', 'measured', 'exclusive']],
  [['packages/service-kit/src/service.ts'], ['api', 'measured', 'exclusive', 'network', 'boot']],
  [['scripts/stack/stack.ts'], ['network', 'boot']],
  [['docs/media.md', 'tests/support/http.ts'], []],
] as const)('a change of %j touches %j, whatever imports it', (changed, projects) => {
  expect(projectsTouchedBy(changed)).toEqual(projects)
})
