import { Migration } from '@mikro-orm/migrations'

/** Comments are shown with their counters, which stats tells anew of what it has counted before. */
export class CommentPages20261127 extends Migration {
  override up(): void {
    this.addSql(`create table comment_counters (
      id bigint unsigned not null primary key,
      version bigint unsigned not null,
      likes int unsigned not null,
      replies int unsigned not null
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
