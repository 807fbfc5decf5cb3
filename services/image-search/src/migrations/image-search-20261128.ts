import { Migration } from '@mikro-orm/migrations'

export class ImageSearch20261128 extends Migration {
  override up(): void {
    this.addSql(`create table content (
      kind varchar(16) character set ascii collate ascii_bin not null,
      id bigint unsigned not null,
      owner_id bigint unsigned not null,
      version int unsigned not null,
      is_deleted tinyint unsigned not null,
      is_hidden tinyint unsigned not null,
      picture_key varchar(200) character set ascii collate ascii_bin not null,
      duration_ms int unsigned not null,
      frames_key varchar(200) character set ascii collate ascii_bin not null,
      primary key (kind, id),
      key content_of_owner (owner_id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table picture (
      id bigint unsigned not null primary key,
      kind varchar(16) character set ascii collate ascii_bin not null,
      content_kind varchar(16) character set ascii collate ascii_bin not null,
      content_id bigint unsigned not null,
      owner_id bigint unsigned not null,
      file_key varchar(200) character set ascii collate ascii_bin not null,
      time_ms int unsigned not null,
      hash varchar(64) character set ascii collate ascii_bin not null,
      even_slot int unsigned not null,
      odd_slot int unsigned not null,
      is_unreadable tinyint unsigned not null,
      attempts tinyint unsigned not null,
      due_at datetime(3) not null,
      taken_until datetime(3) not null,
      removed_at datetime(3) null,
      key picture_of_content (content_kind, content_id),
      key picture_even_slot (even_slot, id),
      key picture_odd_slot (odd_slot, id),
      key picture_removed (removed_at),
      key picture_hash (hash)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table collection (
      id int unsigned not null primary key,
      state varchar(16) character set ascii collate ascii_bin not null,
      model_hash char(64) character set ascii collate ascii_bin not null,
      side smallint unsigned not null,
      dimension smallint unsigned not null,
      mean varchar(100) character set ascii collate ascii_bin not null,
      deviation varchar(100) character set ascii collate ascii_bin not null,
      changed_at datetime(3) not null
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
