import { Migration } from '@mikro-orm/migrations'

/**
 * Kinds of content are `column.contentKind`, as in the other services: a new kind needs no
 * migration.
 */
export class ContentKinds20261127 extends Migration {
  override up(): void {
    for (const table of ['content', 'ended_content', 'content_like', 'comment', 'visit', 'visit_hour'])
      this.addSql(`alter table ${table} modify kind varchar(16) collate ascii_bin not null`)
  }
}
