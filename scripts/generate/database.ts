import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeTables, kitTables, type ServiceDeclaration, type TableDescription } from '@fanone/service-kit'
import { root, services } from './declarations.ts'
import type { Regions } from './regions.ts'

const kitFolder = 'packages/service-kit/src'

/** Of each service with a database, and of the kit: its tables and the folder of their entities. */
const owners = await Promise.all([
  ...services.flatMap(({ appId, database }: ServiceDeclaration) =>
    database ? [ownerOf(appId, `services/${appId}/src`, database)] : [],
  ),
  ownerOf('every service with a database', kitFolder, kitTables),
])

/** A service may have tables that the kit declares. */
async function ownerOf(name: string, folder: string, definition: Parameters<typeof describeTables>[0]) {
  const purposes = new Map([...readPurposes(kitFolder), ...readPurposes(folder)])
  return { name, tables: await describeTables(definition), purposes }
}

/** The part of docs/database.md. */
export function databaseRegions(): Regions {
  const sections = owners.map(({ name, tables, purposes }) => [
    `### Tables of ${name}`,
    '',
    '| table | a row is | columns | keys |',
    '| --- | --- | --- | --- |',
    ...tables.map((table) => {
      const columns = table.columns.map(
        (column) => `\`${column.name}\` ${column.type}${column.isNullable ? ' null' : ''}`,
      )
      return `| \`${table.name}\` | ${purposeOf(purposes, table)} | ${columns.join(', ')} | ${table.keys.map(keyText).join('; ')} |`
    }),
  ])
  return { tables: sections.map((lines) => lines.join('\n')).join('\n\n') }
}

function keyText({ name, isUnique, columns }: TableDescription['keys'][number]): string {
  const kind = name === undefined ? 'primary' : isUnique ? 'unique' : ''
  return `${kind} (${columns.map((column) => `\`${column}\``).join(', ')})`.trim()
}

function purposeOf(purposes: Map<string, string>, { name }: TableDescription): string {
  const purpose = purposes.get(name)
  if (purpose === undefined) throw new Error(`the entity of the table ${name} has no docstring`)
  return purpose
}

/** What the docstrings of entities say, by table. */
function readPurposes(folder: string): Map<string, string> {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  const texts = files
    .filter((file) => file.endsWith('.entity.ts'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'))
  const declared =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const \w+ = defineEntity\(\{\s*name: '\w+',\s*tableName: '(\w+)'/g
  const entries = texts.flatMap((text) =>
    [...text.matchAll(declared)].map(([, comment = '', table = '']) => [table, toSentence(comment)] as const),
  )
  return new Map(entries)
}

function toSentence(comment: string): string {
  return comment
    .replace(/\n\s*\*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
