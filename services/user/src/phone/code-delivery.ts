import { Counter, columnsOf, type Database, kysely, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { Sealer } from '../secret/sealer.ts'
import type { CodeSender } from './code-sender.ts'
import { CodeMessageEntity, type CodeMessageRow } from './phone.entity.ts'
import { ownerOfMessage } from './phone-codes.ts'

const PAUSE_MS = 1_000
const AT_ONCE = 20
/** Longer than a sender takes; whoever has not finished by then is taken for dead. */
const LEASE_MS = 15_000
/** The pause behind a failure, twice as long each time. */
const FIRST_PAUSE_MS = 1_000

const messages = new Counter({
  name: 'fanone_code_messages_total',
  help: 'Verification codes handed to the sender, by outcome: sent, failed (tried again), expired',
  labelNames: ['outcome'] as const,
})

/**
 * Hands codes over to the sender, at least once each, until they expire. A message is taken by one
 * conditional statement, so of several instances one sends it.
 */
export class CodeDelivery {
  readonly #database: Database
  readonly #sealer: Sealer
  readonly #send: CodeSender
  readonly #log: Pick<Logger, 'warn'>
  readonly #now: () => Date

  constructor(options: {
    database: Database
    sealer: Sealer
    send: CodeSender
    log: Pick<Logger, 'warn'>
    now?: () => Date
  }) {
    this.#database = options.database
    this.#sealer = options.sealer
    this.#send = options.send
    this.#log = options.log
    this.#now = options.now ?? (() => new Date())
  }

  /** Keeps sending; `wake` it when there is something new. */
  worker(log: Logger): RepeatingWorker {
    const failure = 'verification codes could not be sent'
    return new RepeatingWorker({ name: 'code delivery', work: () => this.deliver(), pauseMs: PAUSE_MS, log, failure })
  }

  /** Sends what is due. */
  async deliver(): Promise<void> {
    const due = await this.#due()
    await Promise.all(due.map((row) => this.#deliver(row)))
  }

  async #deliver(row: CodeMessageRow): Promise<void> {
    if (row.expiresAt <= this.#now()) return this.#delete(row, 'expired')
    if (!(await this.#take(row))) return
    try {
      const { number, code } = JSON.parse(this.#sealer.open(row, ownerOfMessage(row.id)))
      await this.#send({ id: row.id, number, code, purpose: row.purpose, expiresAt: row.expiresAt })
    } catch (error) {
      messages.inc({ outcome: 'failed' })
      this.#log.warn({ err: error, message: row.id }, 'a verification code could not be sent; trying again')
      return this.#putBack(row)
    }
    await this.#delete(row, 'sent')
  }

  async #due(): Promise<CodeMessageRow[]> {
    const rows = await this.#table()
      .selectFrom('code_message')
      .select(columnsOf(CodeMessageEntity))
      .where('available_at', '<=', this.#now())
      .orderBy('available_at')
      .limit(AT_ONCE)
      .execute()
    return rows as CodeMessageRow[]
  }

  async #take({ id, attempts }: CodeMessageRow): Promise<boolean> {
    const { numUpdatedRows } = await this.#table()
      .updateTable('code_message')
      .set({ attempts: attempts + 1, available_at: this.#after(LEASE_MS) })
      .where('id', '=', id)
      .where('attempts', '=', attempts)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async #putBack({ id, attempts }: CodeMessageRow): Promise<void> {
    await this.#table()
      .updateTable('code_message')
      .set({ available_at: this.#after(FIRST_PAUSE_MS * 2 ** Math.min(attempts, 6)) })
      .where('id', '=', id)
      .where('attempts', '=', attempts + 1)
      .execute()
  }

  async #delete({ id }: CodeMessageRow, outcome: 'sent' | 'expired'): Promise<void> {
    await this.#table().deleteFrom('code_message').where('id', '=', id).execute()
    messages.inc({ outcome })
  }

  #after(ms: number): Date {
    return new Date(this.#now().getTime() + ms)
  }

  #table() {
    return kysely<typeof CodeMessageEntity>(this.#database.em())
  }
}
