import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Totp20261128 extends Migration {
  override up(): void {
    this.addSql(`create table totp (
      user_id bigint unsigned not null primary key,
      sealed_secret varchar(200) character set ascii collate ascii_bin not null,
      key_version int unsigned not null,
      issued_at datetime(3) not null,
      bound_at datetime(3) null,
      last_step bigint unsigned not null,
      attempts smallint unsigned not null,
      attempts_since datetime(3) not null,
      key totp_key_version (key_version)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table recovery_code (
      user_id bigint unsigned not null,
      code_hash char(43) character set ascii collate ascii_bin not null,
      used_at datetime(3) null,
      primary key (user_id, code_hash)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
