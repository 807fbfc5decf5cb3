import { Migration } from '@mikro-orm/migrations'

/** A video remembers the call that deleted it (docs/resiliency.md). */
export class Repeats20261127 extends Migration {
  override up(): void {
    this.addSql("alter table video add column deleted_by varbinary(64) not null default ''")
  }
}
