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

/** Who is hidden: few, so that a list is counted without them by asking for them. */
export class KnownUsers20261128 extends Migration {
  override up(): void {
    this.addSql('alter table known_user add column is_hidden tinyint unsigned not null default 0')
    this.addSql('alter table known_user add key known_user_hidden (is_hidden, id)')
  }
}
