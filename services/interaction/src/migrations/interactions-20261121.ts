import { Migration } from '@mikro-orm/migrations'

/** What can be liked and commented on; one byte a row. */
const KIND = `enum('video', 'comment', 'article', 'answer') not null`
const OPTIONS = 'engine = InnoDB default character set utf8mb4 collate utf8mb4_bin'

/** Tables, keys and what each is for: docs/database.md. */
export class Interactions20261121 extends Migration {
  override up(): void {
    this.addSql(`create table content (
      kind ${KIND},
      id bigint unsigned not null,
      author_id bigint unsigned not null,
      deleted_at datetime(3) null,
      primary key (kind, id)
    ) ${OPTIONS}`)
    this.addSql(`create table ended_content (
      kind ${KIND},
      id bigint unsigned not null,
      primary key (kind, id)
    ) ${OPTIONS}`)
    this.addSql(`create table content_like (
      id bigint unsigned not null primary key,
      kind ${KIND},
      content_id bigint unsigned not null,
      author_id bigint unsigned not null,
      user_id bigint unsigned not null,
      liked_id bigint unsigned null,
      unique key content_like_once (kind, content_id, user_id),
      key content_like_by_user (user_id, kind, liked_id)
    ) ${OPTIONS}`)
    this.addSql(`create table comment (
      id bigint unsigned not null primary key,
      kind ${KIND},
      content_id bigint unsigned not null,
      author_id bigint unsigned not null,
      parent_id bigint unsigned not null,
      user_id bigint unsigned not null,
      text varchar(1000) not null,
      deleted_at datetime(3) null,
      key comment_of_content (kind, content_id, deleted_at, parent_id, id)
    ) ${OPTIONS}`)
    this.addSql(`create table visit (
      kind ${KIND},
      content_id bigint unsigned not null,
      viewer varchar(40) character set ascii collate ascii_bin not null,
      counted_at datetime(3) not null,
      primary key (kind, content_id, viewer),
      key visit_counted_at (counted_at)
    ) ${OPTIONS}`)
    this.addSql(`create table visit_hour (
      kind ${KIND},
      content_id bigint unsigned not null,
      hour datetime not null,
      author_id bigint unsigned not null,
      visits int unsigned not null,
      primary key (kind, content_id, hour)
    ) ${OPTIONS}`)
  }
}
