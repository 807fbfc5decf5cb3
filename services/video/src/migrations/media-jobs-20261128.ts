import { Migration } from '@mikro-orm/migrations'

/** See docs/media.md. Videos of earlier versions stay as they are: ready, without renditions. */
export class MediaJobs20261128 extends Migration {
  override up(): void {
    this.addSql(`alter table video
      add column source_key varchar(200) character set ascii collate ascii_bin not null default '',
      add column state varchar(16) character set ascii collate ascii_bin not null default 'ready',
      add column reason varchar(200) not null default '',
      add column hls_key varchar(200) character set ascii collate ascii_bin not null default '',
      add column storyboard_key varchar(200) character set ascii collate ascii_bin not null default ''`)
    this.addSql(`create table media_job (
      id bigint unsigned not null primary key,
      video_id bigint unsigned not null,
      kind varchar(16) character set ascii collate ascii_bin not null,
      is_given_up tinyint unsigned not null,
      attempts tinyint unsigned not null,
      progress tinyint unsigned not null,
      available_at datetime(3) not null,
      lease varchar(32) character set ascii collate ascii_bin not null,
      reason varchar(200) not null,
      created_at datetime(3) not null,
      unique key media_job_of_video (video_id, kind),
      key media_job_next (is_given_up, available_at, id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
