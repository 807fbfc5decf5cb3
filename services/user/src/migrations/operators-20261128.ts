import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Operators20261128 extends Migration {
  override up(): void {
    this.addSql(`alter table account
      add column role varchar(16) character set ascii collate ascii_bin null,
      add column banned_at datetime(3) null,
      add column banned_until datetime(3) null,
      add column ban_reason varchar(500) null`)
    this.addSql(`alter table account
      add key account_role (role, id),
      add key account_banned_until (banned_until)`)
    this.addSql('alter table profile add column is_hidden tinyint unsigned not null default 0')
  }
}
