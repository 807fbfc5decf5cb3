import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Passkeys20261128 extends Migration {
  override up(): void {
    this.addSql(`create table passkey (
      id bigint unsigned not null primary key,
      user_id bigint unsigned not null,
      credential_id varchar(1364) character set ascii collate ascii_bin not null,
      public_key varchar(4000) character set ascii collate ascii_bin not null,
      counter bigint unsigned not null,
      transports varchar(300) character set ascii collate ascii_bin not null,
      name varchar(64) not null,
      is_synced tinyint unsigned not null,
      created_at datetime(3) not null,
      last_used_at datetime(3) null,
      unique key passkey_credential_id (credential_id),
      key passkey_user (user_id, id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table spent_challenge (
      challenge_hash char(43) character set ascii collate ascii_bin not null primary key,
      spent_at datetime(3) not null,
      key spent_challenge_spent_at (spent_at)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
