import type { PhoneCodePurpose } from '@fanone/contracts'
import {
  columnsOf,
  type Database,
  deleteInPieces,
  type EntityManager,
  kysely,
  ServiceError,
  sql,
} from '@fanone/service-kit'
import type { Sealer } from '../secret/sealer.ts'
import { type CodeMessageEntity, PhoneCodeEntity, type PhoneCodeRow } from './phone.entity.ts'
import { isSameMark, newCode, type PhoneKeys } from './phone-keys.ts'

export const CODE_MS = 5 * 60_000
export const RESEND_MS = 60_000
export const DAY_MS = 24 * 60 * 60_000
export const MAX_A_DAY = 10
export const MAX_ATTEMPTS = 5

/** Which code is meant. */
export interface CodeUse {
  numberIndex: string
  purpose: PhoneCodePurpose
  /** Who asked for it; 0 for nobody in particular. */
  userId: number
}

/** A code that was found right and may be spent once. */
export interface AdmittedCode extends CodeUse {
  codeMark: string
}

const tables = (em: EntityManager) => kysely<typeof PhoneCodeEntity | typeof CodeMessageEntity>(em)

/** Codes for phones: issued, tried and used up by conditional statements, so over all instances. */
export class PhoneCodes {
  readonly #database: Database
  readonly #keys: PhoneKeys
  readonly #sealer: Sealer
  readonly #onIssued: () => void
  readonly #now: () => Date

  /** @param options.onIssued called when there is something to send */
  constructor(options: {
    database: Database
    keys: PhoneKeys
    sealer: Sealer
    onIssued?: () => void
    now?: () => Date
  }) {
    this.#database = options.database
    this.#keys = options.keys
    this.#sealer = options.sealer
    this.#onIssued = options.onIssued ?? (() => {})
    this.#now = options.now ?? (() => new Date())
  }

  /**
   * Makes a code, in the place of an earlier one, and the message that carries it.
   *
   * @throws ServiceError `too_many_requests` for more than one a minute or ten a day
   */
  async issue(em: EntityManager, { number, ...use }: CodeUse & { number: string }): Promise<void> {
    const code = newCode()
    const now = this.#now()
    const codeMark = this.#keys.markOf(use.numberIndex, code)
    // Held until the end, so that two requests for a number come one after the other.
    await tables(em)
      .insertInto('phone_code')
      .values({
        ...rowOf(use),
        code_mark: '',
        issued_at: new Date(0),
        used_at: null,
        attempts: 0,
        sent: 0,
        sent_since: now,
      })
      .onDuplicateKeyUpdate({ number_index: use.numberIndex })
      .execute()
    const row = (await this.#find(em, use.numberIndex, 'lock')) as PhoneCodeRow
    const isNewDay = now.getTime() - row.sentSince.getTime() >= DAY_MS
    const sent = isNewDay ? 0 : row.sent
    this.#requireTurn({ ...row, sent }, now)
    await tables(em)
      .updateTable('phone_code')
      .set({ ...rowOf(use), code_mark: codeMark, issued_at: now, used_at: null, attempts: 0, sent: sent + 1 })
      .set(isNewDay ? { sent_since: now } : {})
      .where('number_index', '=', use.numberIndex)
      .execute()
    await this.#addMessage(em, { number, code, purpose: use.purpose, now })
  }

  /** Tells the sender that a code was committed. */
  announce(): void {
    this.#onIssued()
  }

  /**
   * Counts a try, before the code is looked at: many at once are not more than five.
   *
   * A right code may be tried again by a repeat of its call; only `spend` uses it up.
   *
   * @throws ServiceError `phone_code_invalid` for a wrong code, an old one, or after too many tries
   */
  async admit(use: CodeUse, code: string): Promise<AdmittedCode> {
    const em = this.#database.em()
    const { numUpdatedRows } = await tables(em)
      .updateTable('phone_code')
      .set({ attempts: sql`attempts + 1` })
      .where('number_index', '=', use.numberIndex)
      .where('attempts', '<', MAX_ATTEMPTS)
      .where('issued_at', '>', this.#oldest())
      .executeTakeFirst()
    const row = await this.#find(em, use.numberIndex)
    const codeMark = this.#keys.markOf(use.numberIndex, code)
    const isRight = isSameMark(codeMark, row?.codeMark ?? '')
    const isMeant = row?.purpose === use.purpose && row.userId === use.userId
    if (!isRight || !isMeant || numUpdatedRows === 0n) throw new ServiceError('phone_code_invalid')
    return { ...use, codeMark }
  }

  /**
   * Uses up a code, in the transaction of what it is for; of many at once one does.
   *
   * @throws ServiceError `phone_code_invalid` for one that was used before
   */
  async spend(em: EntityManager, admitted: AdmittedCode): Promise<void> {
    if (!(await this.#isSpent(em, admitted))) throw new ServiceError('phone_code_invalid')
  }

  /** Forgets numbers that have asked for no code for a day. */
  async deleteOld(signal: AbortSignal): Promise<void> {
    const old = tables(this.#database.em())
      .deleteFrom('phone_code')
      .where('issued_at', '<', new Date(this.#now().getTime() - DAY_MS))
    await deleteInPieces(old, signal)
  }

  async #isSpent(em: EntityManager, { numberIndex, codeMark }: AdmittedCode): Promise<boolean> {
    const { numUpdatedRows } = await tables(em)
      .updateTable('phone_code')
      .set({ used_at: this.#now() })
      .where('number_index', '=', numberIndex)
      .where('code_mark', '=', codeMark)
      .where('used_at', 'is', null)
      .where('issued_at', '>', this.#oldest())
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  #requireTurn({ issuedAt, sent, sentSince }: PhoneCodeRow, now: Date): void {
    const nextMs = issuedAt.getTime() + RESEND_MS
    const nextDayMs = sent < MAX_A_DAY ? 0 : sentSince.getTime() + DAY_MS
    const waitMs = Math.max(nextMs, nextDayMs) - now.getTime()
    if (waitMs <= 0) return
    const detail = 'A number gets one code a minute and ten a day'
    throw new ServiceError('too_many_requests', { detail, retryAfterSeconds: Math.ceil(waitMs / 1_000) })
  }

  async #addMessage(
    em: EntityManager,
    { number, code, purpose, now }: { number: string; code: string; purpose: PhoneCodePurpose; now: Date },
  ): Promise<void> {
    const id = this.#database.newId()
    const { sealed, keyVersion } = this.#sealer.seal(JSON.stringify({ number, code }), ownerOfMessage(id))
    const times = { expires_at: new Date(now.getTime() + CODE_MS), available_at: now }
    await tables(em)
      .insertInto('code_message')
      .values({ id, sealed, key_version: keyVersion, purpose, attempts: 0, ...times })
      .execute()
  }

  #find(em: EntityManager, numberIndex: string, lock?: 'lock'): Promise<PhoneCodeRow | undefined> {
    const query = tables(em)
      .selectFrom('phone_code')
      .select(columnsOf(PhoneCodeEntity))
      .where('number_index', '=', numberIndex)
    return (lock ? query.forUpdate() : query).executeTakeFirst() as Promise<PhoneCodeRow | undefined>
  }

  #oldest(): Date {
    return new Date(this.#now().getTime() - CODE_MS)
  }
}

export const ownerOfMessage = (id: number) => `code message ${id}`

const rowOf = ({ numberIndex, purpose, userId }: CodeUse) => ({ number_index: numberIndex, purpose, user_id: userId })
