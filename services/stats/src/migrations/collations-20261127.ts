import { Migration } from '@mikro-orm/migrations'

/** Kinds of content are `column.contentKind` everywhere, and text compares byte by byte. */
export class Collations20261127 extends Migration {
  override up(): void {
    this.addSql(`alter table content_counter default character set utf8mb4 collate utf8mb4_bin,
      modify kind varchar(16) collate ascii_bin not null`)
    this.addSql(`alter table ranking default character set utf8mb4 collate utf8mb4_bin,
      modify items mediumtext collate utf8mb4_bin not null`)
    this.addSql(`alter table rebuild default character set utf8mb4 collate utf8mb4_bin,
      modify report mediumtext collate utf8mb4_bin not null`)
    for (const table of ['user_counter', 'visit_hour', 'changed_counter'])
      this.addSql(`alter table ${table} default character set utf8mb4 collate utf8mb4_bin`)
  }
}
