import { Migration } from '@mikro-orm/migrations'

export class Videos20261121 extends Migration {
  override up(): void {
    this.addSql(`create table video (
      id bigint unsigned not null primary key,
      author_id bigint unsigned not null,
      upload_id char(32) character set ascii collate ascii_bin not null,
      title varchar(100) not null,
      description varchar(2000) not null,
      video_key varchar(200) character set ascii collate ascii_bin not null,
      cover_key varchar(200) character set ascii collate ascii_bin not null,
      duration_ms int unsigned not null,
      width smallint unsigned not null,
      height smallint unsigned not null,
      size_bytes bigint unsigned not null,
      version int unsigned not null,
      created_at datetime(3) not null,
      updated_at datetime(3) not null,
      deleted_at datetime(3) null,
      unique key video_upload_id (upload_id),
      key video_by_author (author_id, deleted_at, id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
