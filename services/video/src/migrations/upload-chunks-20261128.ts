import { Migration } from '@mikro-orm/migrations'

/** Uploads of the older API come in numbered chunks. */
export class UploadChunks20261128 extends Migration {
  override up(): void {
    this.addSql(`create table upload_chunk (
      upload_id char(32) character set ascii collate ascii_bin not null,
      number int unsigned not null,
      size_bytes bigint unsigned not null,
      primary key (upload_id, number)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
