import { Migration } from '@mikro-orm/migrations'

/**
 * Columns compare byte by byte (utf8mb4_bin): the default collations of MySQL 8 and MariaDB differ,
 * and both equate different letters. Only account/username.ts decides which user names are the
 * same.
 */
export class AccountsAndProfiles20261121 extends Migration {
  override up(): void {
    // 600: 32 code points, of which NFKC can make 18 each. 2,400 bytes fit an InnoDB index.
    this.addSql(`create table account (
      id bigint unsigned not null primary key,
      username_key varchar(600) not null,
      password_hash varchar(200) character set ascii collate ascii_bin not null,
      created_at datetime(3) not null,
      unique key account_username_key (username_key)
    ) engine = InnoDB row_format = dynamic default character set utf8mb4 collate utf8mb4_bin`)
    // 100: 32 code points, of which NFC can make 3 each.
    this.addSql(`create table profile (
      id bigint unsigned not null primary key,
      username varchar(100) not null,
      name varchar(100) not null,
      avatar_key varchar(200) null,
      background_key varchar(200) null,
      signature varchar(200) not null,
      version int unsigned not null,
      created_at datetime(3) not null,
      updated_at datetime(3) not null,
      constraint profile_account foreign key (id) references account (id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
