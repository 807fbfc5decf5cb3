import { Migration } from '@mikro-orm/migrations'

/** The tables every service with a database has. */
export class KitTables20261121 extends Migration {
  override up(): void {
    this.addSql(`create table outbox (
      seq bigint unsigned not null auto_increment primary key,
      id bigint unsigned not null,
      topic varchar(100) not null,
      type varchar(100) not null,
      aggregate_id bigint unsigned not null,
      data mediumtext not null,
      traceparent varchar(64) null,
      created_at datetime(3) not null
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table inbox (
      event_id varchar(100) character set ascii collate ascii_bin not null primary key,
      topic varchar(100) not null,
      received_at datetime(3) not null,
      key inbox_received_at (received_at)
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table idempotency (
      operation varchar(100) not null,
      key_hash char(64) character set ascii collate ascii_bin not null,
      request_hash char(64) character set ascii collate ascii_bin not null,
      answer mediumtext not null,
      created_at datetime(3) not null,
      primary key (operation, key_hash),
      key idempotency_created_at (created_at)
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table worker_lease (
      worker tinyint unsigned not null primary key,
      owner char(36) character set ascii collate ascii_bin not null,
      expires_at datetime(3) not null
    ) engine = InnoDB default character set utf8mb4`)
  }
}
