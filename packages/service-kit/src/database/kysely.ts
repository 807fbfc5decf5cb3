import type { EntitySchemaWithMeta } from '@mikro-orm/core'
import type { EntityManager, InferEntityProperties, InferKyselyDB, SnakeCase } from '@mikro-orm/mysql'
import { type ColumnType, expressionBuilder, type Generated, type Kysely } from 'kysely'

/** MySQL has no booleans: they are read as 0 and 1. */
type Columns<Table> = {
  [Name in keyof Table]: Table[Name] extends boolean
    ? ColumnType<number, boolean | number, boolean | number>
    : Table[Name] extends Generated<boolean>
      ? ColumnType<number, boolean | number | undefined, boolean | number>
      : Table[Name]
}
type Tables<Entity extends EntitySchemaWithMeta> = {
  [Name in keyof InferKyselyDB<Entity>]: Columns<InferKyselyDB<Entity>[Name]>
}

/** Typed statements over the tables of some entities. */
export type Db<Entity extends EntitySchemaWithMeta> = Kysely<Tables<Entity>>

/**
 * Typed statements over the tables of some entities, in the transaction of `em` if it has one.
 * Columns have their database names; `columnsOf` selects them under property names. Errors are the
 * driver's (`errno`), without MikroORM's classes.
 */
export function kysely<Entity extends EntitySchemaWithMeta>(em: EntityManager): Db<Entity> {
  return em.getKysely() as unknown as Db<Entity>
}

/**
 * Parts of statements over the tables of some entities, such as conditions that several share.
 *
 * @param Joined the tables whose columns they name
 */
export const expressionsOver = <Entity extends EntitySchemaWithMeta, Joined extends keyof Tables<Entity> = never>() =>
  expressionBuilder<Tables<Entity>, Joined>()

type Selection<Entity extends EntitySchemaWithMeta> = {
  [Name in keyof InferEntityProperties<Entity> & string]: `${SnakeCase<Name>} as ${Name}`
}[keyof InferEntityProperties<Entity> & string]

/** All columns of an entity under the names of its properties, for `select`. */
export function columnsOf<Entity extends EntitySchemaWithMeta>(entity: Entity): Selection<Entity>[] {
  const names = Object.keys((entity as unknown as { meta: { properties: object } }).meta.properties)
  return names.map((name) => `${toColumn(name)} as ${name}` as Selection<Entity>)
}

/** As MikroORM names columns. */
const toColumn = (property: string) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
