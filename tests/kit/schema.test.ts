import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseDefinition } from '@fanone/service-kit'
import { describe, expect, test } from 'vitest'
import { readSchema } from '../support/information-schema.ts'
import { scratchDatabase } from '../support/scratch-database.ts'
import { root } from '../support/stack.ts'

/** Every service with a database, and the kit alone. */
const definitions: Record<string, DatabaseDefinition> = { 'the kit': { entities: [], migrations: [] } }
for (const path of readdirSync(join(root, 'services'), { recursive: true, encoding: 'utf8' })) {
  if (!/^[^/]+\/src\/database\.ts$/.test(path)) continue
  const { database } = (await import(join(root, 'services', path))) as { database: DatabaseDefinition }
  definitions[path.split('/')[0] as string] = database
}

test('every service with migrations is looked at', () => {
  const migrating = readdirSync(join(root, 'services'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[^/]+\/src\/migrations$/.test(path))
    .map((path) => path.split('/')[0])
  expect(migrating.length).toBeGreaterThan(0)
  expect(Object.keys(definitions)).toEqual(expect.arrayContaining(migrating))
})

describe.each(Object.entries(definitions))('the tables of %s', (_name, definition) => {
  test('are after all migrations what the entities say', async () => {
    const scratch = await scratchDatabase(definition)
    const created = `${scratch.name}_entities`
    try {
      const { orm } = await scratch.open()
      expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('')
      // MikroORM compares no order of columns and no engine or collation of a table.
      await scratch.admin.query(`create database ${created}`)
      await scratch.admin.query(`use ${created}`)
      const statements = (await orm.schema.getCreateSchemaSQL({ wrap: false })).split(/;\s*\n/)
      for (const sql of statements.filter((statement) => statement.trim() !== '')) await scratch.admin.query(sql)
      expect(await readSchema(scratch.admin, scratch.name)).toEqual(await readSchema(scratch.admin, created))
    } finally {
      await scratch.admin.query(`drop database if exists ${created}`)
      await scratch.drop()
    }
  })
})
