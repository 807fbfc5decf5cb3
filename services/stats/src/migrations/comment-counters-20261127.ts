import { Migration } from '@mikro-orm/migrations'

/** Tells once more what was counted of comments: interaction keeps it since this release. */
export class CommentCounters20261127 extends Migration {
  override up(): void {
    this.addSql(`insert ignore into changed_counter (subject, mark)
      select concat('comment:', id), 0 from content_counter where kind = 'comment'`)
  }
}
