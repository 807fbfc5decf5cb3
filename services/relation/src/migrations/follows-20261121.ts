import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Follows20261121 extends Migration {
  override up(): void {
    this.addSql(`create table follow (
      follower_id bigint unsigned not null,
      followee_id bigint unsigned not null,
      position bigint unsigned not null,
      is_active tinyint unsigned not null,
      version int unsigned not null,
      changed_at datetime(3) not null,
      primary key (follower_id, followee_id),
      key follow_following (follower_id, is_active, position),
      key follow_followers (followee_id, is_active, position)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
