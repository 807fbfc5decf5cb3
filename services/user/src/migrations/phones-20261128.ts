import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Phones20261128 extends Migration {
  override up(): void {
    this.addSql(`create table phone (
      user_id bigint unsigned not null primary key,
      number_index char(43) character set ascii collate ascii_bin not null,
      sealed_number varchar(200) character set ascii collate ascii_bin not null,
      key_version int unsigned not null,
      joined_at datetime(3) not null,
      unique key phone_number_index (number_index),
      key phone_key_version (key_version)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table phone_code (
      number_index char(43) character set ascii collate ascii_bin not null primary key,
      purpose varchar(16) character set ascii collate ascii_bin not null,
      user_id bigint unsigned not null,
      code_mark char(43) character set ascii collate ascii_bin not null,
      issued_at datetime(3) not null,
      used_at datetime(3) null,
      attempts smallint unsigned not null,
      sent smallint unsigned not null,
      sent_since datetime(3) not null,
      key phone_code_issued (issued_at)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table code_message (
      id bigint unsigned not null primary key,
      sealed varchar(400) character set ascii collate ascii_bin not null,
      key_version int unsigned not null,
      purpose varchar(16) character set ascii collate ascii_bin not null,
      expires_at datetime(3) not null,
      attempts smallint unsigned not null,
      available_at datetime(3) not null,
      key code_message_available (available_at)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
