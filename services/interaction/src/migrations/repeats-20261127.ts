import { Migration } from '@mikro-orm/migrations'

/** Rows remember the calls that changed them (docs/resiliency.md). */
export class Repeats20261127 extends Migration {
  override up(): void {
    this.addSql("alter table content_like add column changed_by varbinary(64) not null default ''")
    this.addSql("alter table comment add column deleted_by varbinary(64) not null default ''")
    this.addSql("alter table visit add column counted_by varbinary(64) not null default ''")
  }
}
