import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Publisher } from './dapr/publish.ts'
import type { Logger } from './log.ts'
import { eventsConsumed } from './metrics.ts'

/** The route of a service's dead-letter topic; see its dapr/subscriptions.yaml. */
export const DEAD_LETTER_ROUTE = '/events/dead-letters'

const REASON_LIMIT = 1_000

/**
 * The event as it came; the reasons are CloudEvents extensions, so that it can be read as an event.
 */
interface DeadLetter {
  id: string
  type: string
  deadletterreason: string
  /** The service that could not handle it. */
  deadletterconsumer: string
  /** RFC 3339. */
  deadletterat: string
}

/**
 * The events that a service cannot handle, in its topic `<app id>.dead-letters`, each with a
 * reason. `add` puts there what the service gives up. The sidecar adds what is not JSON or failed
 * too often, without a reason; `receive` sees everything in the topic, and adds those again with a
 * reason.
 */
export class DeadLetters {
  readonly #publisher: Pick<Publisher, 'publish'>
  readonly #appId: string
  readonly #log: Logger

  constructor(options: { publisher: Pick<Publisher, 'publish'>; appId: string; log: Logger }) {
    this.#publisher = options.publisher
    this.#appId = options.appId
    this.#log = options.log
  }

  /**
   * @param event as it was delivered, whatever it is
   * @throws SidecarError where the broker does not take it: then the event must stay where it is
   */
  async add(event: unknown, reason: string): Promise<void> {
    const why = {
      deadletterreason: reason.slice(0, REASON_LIMIT),
      deadletterconsumer: this.#appId,
      deadletterat: new Date().toISOString(),
    }
    const envelope = isEnvelope(event) ? event : unreadable(event, this.#appId)
    const partitionKey = String((envelope as { subject?: unknown }).subject ?? envelope.id)
    await this.#publisher.publish(`${this.#appId}.dead-letters`, { ...envelope, ...why }, { partitionKey })
  }

  /**
   * Takes a message of the dead-letter topic, raw, because it may be anything.
   *
   * @param reasonOf why an event failed last, where that is remembered
   */
  async receive(request: Request, response: Response, reasonOf: (event: unknown) => string | undefined): Promise<void> {
    request.routeTemplate = DEAD_LETTER_ROUTE
    const text = rawText(request.body)
    const event = parse(text)
    try {
      if (!isExplained(event)) await this.add(event ?? text, reasonOf(event) ?? unexplained(event))
      else this.#count(event)
      response.json({ status: 'SUCCESS' })
    } catch (error) {
      this.#log.warn({ err: error }, 'a dead letter could not be given its reason; it will come again')
      response.status(500).json({ status: 'RETRY' })
    }
  }

  #count(letter: DeadLetter): void {
    const topic = /^([a-z-]+\.[a-z-]+)\.v\d+$/.exec(letter.type)?.[1] ?? 'unknown'
    eventsConsumed.inc({ topic, outcome: 'dead_lettered' })
    const { id, deadletterreason } = letter
    this.#log.error({ topic, eventId: id, reason: deadletterreason }, 'a dead letter arrived; it stays in its topic')
  }
}

/** Dapr wraps a raw message into an envelope of its own. */
function rawText(body: unknown): string {
  const { data_base64: base64, data } = (body ?? {}) as { data_base64?: unknown; data?: unknown }
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64').toString()
  return typeof data === 'string' ? data : JSON.stringify(data ?? body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isEnvelope(event: unknown): event is Record<string, unknown> & { id: string } {
  const { id, type, specversion } = (event ?? {}) as Record<string, unknown>
  return typeof id === 'string' && typeof type === 'string' && specversion === '1.0'
}

function isExplained(event: unknown): event is DeadLetter {
  return isEnvelope(event) && typeof event.deadletterreason === 'string'
}

function unexplained(event: unknown): string {
  if (event === undefined) return 'not JSON'
  if (!isEnvelope(event)) return 'not a CloudEvent'
  return 'could not be handled, however often it was delivered'
}

/** What cannot be read travels as it is, in an envelope of ours. */
function unreadable(content: unknown, appId: string) {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: appId,
    type: 'unreadable',
    datacontenttype: 'application/octet-stream',
    data_base64: Buffer.from(text).toString('base64'),
  }
}
