import { Migration } from '@mikro-orm/migrations'

/** See docs/database.md. Counts are signed, because the event that subtracts may come first. */
export class Counters20261121 extends Migration {
  override up(): void {
    this.addSql(`create table content_counter (
      kind varchar(10) character set ascii collate ascii_bin not null,
      id bigint unsigned not null,
      likes bigint not null default 0,
      comments bigint not null default 0,
      visits bigint not null default 0,
      is_deleted tinyint unsigned not null default 0,
      version bigint unsigned not null,
      primary key (kind, id),
      key content_counter_by_visits (kind, is_deleted, visits, id)
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table user_counter (
      id bigint unsigned not null primary key,
      works bigint not null default 0,
      likes_received bigint not null default 0,
      likes_given bigint not null default 0,
      following bigint not null default 0,
      followers bigint not null default 0,
      version bigint unsigned not null
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table visit_hour (
      hour int unsigned not null,
      video_id bigint unsigned not null,
      visits bigint not null,
      primary key (hour, video_id)
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table changed_counter (
      subject varchar(40) character set ascii collate ascii_bin not null primary key,
      mark bigint unsigned not null
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table ranking (
      period varchar(10) character set ascii collate ascii_bin not null primary key,
      version bigint unsigned not null,
      items mediumtext not null,
      computed_at datetime(3) not null
    ) engine = InnoDB default character set utf8mb4`)
    this.addSql(`create table rebuild (
      id bigint unsigned not null primary key,
      state varchar(10) character set ascii collate ascii_bin not null,
      report mediumtext not null,
      started_at datetime(3) not null,
      alive_at datetime(3) not null
    ) engine = InnoDB default character set utf8mb4`)
  }
}
