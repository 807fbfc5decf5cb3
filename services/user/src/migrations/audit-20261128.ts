import { Migration } from '@mikro-orm/migrations'

/** Tables, keys and why: docs/database.md. */
export class Audit20261128 extends Migration {
  override up(): void {
    this.addSql(`create table audit_event (
      id bigint unsigned not null primary key,
      user_id bigint unsigned not null,
      actor_id bigint unsigned not null,
      actor_role varchar(16) character set ascii collate ascii_bin not null,
      action varchar(40) character set ascii collate ascii_bin not null,
      subject_kind varchar(16) character set ascii collate ascii_bin not null,
      subject_id varchar(40) character set ascii collate ascii_bin not null,
      device varchar(200) not null,
      address varchar(45) character set ascii collate ascii_bin not null,
      reason varchar(500) not null,
      at datetime(3) not null,
      key audit_event_user (user_id, id),
      key audit_event_role (actor_role, id),
      key audit_event_actor (actor_id, id)
    ) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`)
  }
}
