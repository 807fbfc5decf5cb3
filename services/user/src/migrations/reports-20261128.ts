import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Reports20261128 extends Migration {
  override up(): void {
    this.addSql(`create table report (
      id bigint unsigned not null primary key,
      kind varchar(16) character set ascii collate ascii_bin not null,
      target_id bigint unsigned not null,
      author_id bigint unsigned not null,
      reporter_id bigint unsigned not null,
      text varchar(1000) not null,
      state varchar(16) character set ascii collate ascii_bin not null,
      open_mark tinyint unsigned null,
      created_at datetime(3) not null,
      decided_at datetime(3) null,
      operator_id bigint unsigned not null,
      decision_reason varchar(500) not null,
      key report_state (state, id),
      key report_target (kind, target_id, state),
      key report_author (author_id, state, id),
      key report_reporter (reporter_id, id),
      unique key report_open (kind, target_id, reporter_id, open_mark)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table removed_content (
      kind varchar(16) character set ascii collate ascii_bin not null,
      id bigint unsigned not null,
      removed_at datetime(3) not null,
      primary key (kind, id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
