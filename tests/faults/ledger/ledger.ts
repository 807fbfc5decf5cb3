import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The outcome for the client (Jepsen's ok, fail and info): `ok` was acknowledged, `fail` certainly
 * has no effect, `unknown` may have one.
 */
export type Outcome = 'ok' | 'fail' | 'unknown'

/** What a client is about to do. */
export interface Intent {
  /** For example `video.edit`. */
  op: string
  /** Names this one effect, and no other. */
  key: string
  userId: number
  /** The changed subject; a creation learns it from the answer. */
  subject?: number | undefined
  /** The value afterwards if it works. */
  value?: string
}

/** One operation with its end. Times are ms since 1970 on the clock of the clients' process. */
export interface Operation extends Intent {
  id: number
  sentAt: number
  /** Infinity where no answer came: it may take effect any time later. */
  answeredAt: number
  outcome: Outcome
  detail?: string
}

/** The end of an operation. */
export interface Answer {
  outcome: Outcome
  subject?: number | undefined
  detail?: string
}

/**
 * Records every operation before and after the call, so that the file survives any death: two lines
 * of JSON for each operation, the second missing if the client never learned the end.
 */
export class Ledger {
  readonly file: string
  #count = 0

  constructor(file: string) {
    this.file = file
    mkdirSync(dirname(file), { recursive: true })
  }

  /** @param call performs the operation and returns its outcome; an error is an unknown outcome */
  async record(intent: Intent, call: () => Promise<Answer>): Promise<Answer> {
    const id = ++this.#count
    this.#append({ id, ...intent, sentAt: Date.now() })
    const answer = await call().catch((error): Answer => ({ outcome: 'unknown', detail: String(error) }))
    const answeredAt = answer.outcome === 'unknown' ? undefined : Date.now()
    this.#append({ id, ...answer, subject: answer.subject ?? intent.subject, answeredAt })
    return answer
  }

  #append(line: object): void {
    appendFileSync(this.file, `${JSON.stringify(line)}\n`)
  }
}

/** The operations of a ledger, in the order they were sent. */
export function readLedger(file: string): Operation[] {
  const operations = new Map<number, Operation>()
  for (const text of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const line = JSON.parse(text) as Partial<Operation> & { id: number }
    const known = operations.get(line.id) ?? { outcome: 'unknown', answeredAt: Number.POSITIVE_INFINITY }
    operations.set(line.id, { ...known, ...line } as Operation)
  }
  return [...operations.values()]
}
