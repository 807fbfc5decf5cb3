import type { ContentKind } from '@fanone/contracts'
import { BooleanType, p } from '@mikro-orm/core'
import { MOST_MARK_BYTES } from './call-marks.ts'

class FlagType extends BooleanType {
  override getColumnType() {
    return 'tinyint'
  }
}

/**
 * Column types of all entities. Text compares byte by byte (`utf8mb4_bin`, the collation of every
 * table): code decides what is equal, because the default collations of MySQL and MariaDB differ.
 */
export const column = {
  /** A 53-bit id: bigint unsigned. Also for versions and positions that are ids. */
  id: () => p.bigint('number').unsigned().autoincrement(false),
  /** A count that may be negative for a while: bigint. */
  count: () => p.bigint('number'),
  /** int unsigned */
  integer: () => p.integer().unsigned().autoincrement(false),
  /** smallint unsigned */
  smallInteger: () => p.smallint().unsigned().autoincrement(false),
  /** tinyint unsigned */
  tinyInteger: () => p.tinyint().unsigned().autoincrement(false),
  /** A boolean: tinyint unsigned. */
  flag: () => p.type(FlagType).unsigned(),
  /** UTC with milliseconds: datetime(3). */
  time: () => p.datetime(3),
  /** The same, or null. */
  optionalTime: () => p.datetime(3).nullable().ignoreSchemaChanges('default'),
  /** Up to so many characters: varchar. */
  text: (length: number) => p.string().length(length),
  /** The same, or null. MikroORM takes the `NULL` that MariaDB names as its default for a text. */
  optionalText: (length: number) => p.string().length(length).nullable().ignoreSchemaChanges('default'),
  /** Up to 64 KiB: text. */
  longText: () => p.text(),
  /** Up to 16 MiB: mediumtext. */
  hugeText: () => p.text().columnType('mediumtext'),
  /** Up to so many ASCII characters: varchar, one byte each. */
  ascii: (length: number) => p.string().length(length).collation('ascii_bin'),
  /** The same, or null; see `optionalText`. */
  optionalAscii: (length: number) => column.ascii(length).nullable().ignoreSchemaChanges('default'),
  /** Exactly so many ASCII characters: char. */
  asciiChar: (length: number) => p.character().length(length).collation('ascii_bin'),
  /** The calls that changed the row; see `callMark`. */
  marks: () => p.blob().columnType(`varbinary(${MOST_MARK_BYTES})`).default(''),
  /** What content is, as part of its key. */
  contentKind: () => p.string().length(16).collation('ascii_bin').$type<ContentKind>(),
}
