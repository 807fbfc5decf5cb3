import { Migration } from '@mikro-orm/migrations'

/** A follow remembers the calls that changed it (docs/resiliency.md). */
export class Repeats20261127 extends Migration {
  override up(): void {
    this.addSql("alter table follow add column changed_by varbinary(64) not null default ''")
  }
}
