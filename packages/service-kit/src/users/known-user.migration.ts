import { Migration } from '@mikro-orm/migrations'

/** The table of a service that shows users. Filled by the first pages and by events. */
export class KnownUsers20261127 extends Migration {
  override up(): void {
    this.addSql(`create table known_user (
      id bigint unsigned not null primary key,
      version int unsigned not null,
      username varchar(100) not null,
      name varchar(100) not null,
      avatar_key varchar(200) null,
      background_key varchar(200) null,
      signature varchar(200) not null,
      created_at datetime(3) not null,
      updated_at datetime(3) not null
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
