import { Migration } from '@mikro-orm/migrations'

/** See docs/database.md. The search indexer adds existing videos. */
export class Search20261121 extends Migration {
  override up(): void {
    this.addSql(`create table video_search (
      video_id bigint unsigned not null primary key,
      author_id bigint unsigned not null,
      version int unsigned not null,
      text mediumtext not null,
      key video_search_by_author (author_id, video_id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table video_gram (
      gram bigint unsigned not null,
      video_id bigint unsigned not null,
      primary key (gram, video_id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table author (
      id bigint unsigned not null primary key,
      text text not null,
      version int unsigned not null,
      key author_version (version, id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table author_gram (
      gram bigint unsigned not null,
      author_id bigint unsigned not null,
      primary key (gram, author_id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`insert into author (id, text, version) select distinct author_id, '', 0 from video`)
  }
}
