import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Sessions20261128 extends Migration {
  override up(): void {
    this.addSql(`create table session (
      id char(36) character set ascii collate ascii_bin not null primary key,
      user_id bigint unsigned not null,
      device varchar(200) not null,
      address varchar(45) character set ascii collate ascii_bin not null,
      opened_at datetime(3) not null,
      seen_at datetime(3) not null,
      expires_at datetime(3) not null,
      ended_at datetime(3) null,
      key session_user (user_id, ended_at, seen_at),
      key session_ended (ended_at, id),
      key session_expires (expires_at)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql('alter table account add column credentials_version int unsigned not null default 1')
  }
}
