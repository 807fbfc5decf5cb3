import { Migration } from '@mikro-orm/migrations'

/**
 * What keeps the order of an event is a text, or nothing. An instance of the version before goes on
 * writing numbers, which become texts, and publishes texts as they are.
 */
export class OutboxAggregates20261127 extends Migration {
  override up(): void {
    this.addSql(
      'alter table outbox modify aggregate_id varchar(100) character set ascii collate ascii_bin null default null',
    )
  }
}
