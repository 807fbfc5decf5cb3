import { Migration } from '@mikro-orm/migrations'

export class Uploads20261128 extends Migration {
  override up(): void {
    this.addSql(`create table upload (
      id char(32) character set ascii collate ascii_bin not null primary key,
      owner_id bigint unsigned not null,
      kind varchar(16) character set ascii collate ascii_bin not null,
      state varchar(16) character set ascii collate ascii_bin not null,
      size_bytes bigint unsigned not null,
      metadata text not null,
      sha256 varchar(64) character set ascii collate ascii_bin not null,
      part_ids text not null,
      chunk_count int unsigned not null,
      created_at datetime(3) not null,
      expires_at datetime(3) not null,
      locked_by varchar(32) character set ascii collate ascii_bin null,
      locked_until datetime(3) null,
      is_wanted tinyint unsigned not null,
      key upload_by_owner (owner_id, created_at),
      key upload_expires_at (expires_at, state)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
    this.addSql(`create table uploader (
      id bigint unsigned not null primary key
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
