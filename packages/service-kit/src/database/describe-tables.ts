import { MikroORM } from '@mikro-orm/mysql'
import type { DatabaseDefinition } from './database.ts'

/** A table as its entity declares it. */
export interface TableDescription {
  name: string
  columns: { name: string; type: string; isNullable: boolean }[]
  /** Their columns in order; the primary key has no name. */
  keys: { name: string | undefined; isUnique: boolean; columns: string[] }[]
}

/** Describes the tables of entities for documentation; connects to no server. */
export async function describeTables({ entities }: Pick<DatabaseDefinition, 'entities'>): Promise<TableDescription[]> {
  const orm = await MikroORM.init({ entities, dbName: 'none' })
  const tables = entities.map((entity) => {
    const meta = orm.getMetadata(entity)
    const columnOf = (property: string) => meta.properties[property as never]?.fieldNames[0] ?? property
    const ofKey = (isUnique: boolean) => (key: { name?: string; properties?: unknown }) => ({
      name: key.name,
      isUnique,
      columns: [key.properties].flat().map((property) => columnOf(String(property))),
    })
    const named = (option: 'index' | 'unique') =>
      meta.props.flatMap((prop) =>
        typeof prop[option] === 'string' ? [{ name: prop[option], properties: prop.name }] : [],
      )
    return {
      name: meta.tableName,
      columns: meta.props.map(({ fieldNames, columnTypes, unsigned, nullable }) => ({
        name: String(fieldNames[0]),
        type: `${columnTypes[0]}${unsigned ? ' unsigned' : ''}`,
        isNullable: nullable === true,
      })),
      keys: [
        { name: undefined, isUnique: true, columns: meta.primaryKeys.map(columnOf) },
        ...[...meta.uniques, ...named('unique')].map(ofKey(true)),
        ...[...meta.indexes, ...named('index')].map(ofKey(false)),
      ],
    }
  })
  await orm.close()
  return tables
}
