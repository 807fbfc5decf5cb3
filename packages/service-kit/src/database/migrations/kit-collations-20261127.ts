import { Migration } from '@mikro-orm/migrations'

/** Text compares byte by byte in these tables too, whatever the server's default collation is. */
export class KitCollations20261127 extends Migration {
  override up(): void {
    this.addSql('alter table outbox convert to character set utf8mb4 collate utf8mb4_bin')
    this.addSql(`alter table inbox default character set utf8mb4 collate utf8mb4_bin,
      modify topic varchar(100) collate utf8mb4_bin not null`)
    this.addSql(`alter table idempotency default character set utf8mb4 collate utf8mb4_bin,
      modify operation varchar(100) collate utf8mb4_bin not null,
      modify answer mediumtext collate utf8mb4_bin not null`)
    this.addSql('alter table worker_lease default character set utf8mb4 collate utf8mb4_bin')
  }
}
