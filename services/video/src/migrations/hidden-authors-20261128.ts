import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class HiddenAuthors20261128 extends Migration {
  override up(): void {
    this.addSql(`alter table author
      add column is_hidden tinyint unsigned not null default 0,
      add column hidden_changed_at datetime(3) null`)
    this.addSql(`alter table author
      add key author_hidden (is_hidden, id),
      add key author_hidden_changed (hidden_changed_at)`)
  }
}
