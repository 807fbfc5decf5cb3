import { setTimeout as delay } from 'node:timers/promises'
import type { CloudEvent, EventContract, EventData } from '@fanone/contracts'
import type { Request, Response } from 'express'
import type { DeadLetters } from './dead-letters.ts'
import { describeFailure, eventRoute, type Handled, isOutage, MAX_FAILURES, parseEvent } from './deliveries.ts'
import type { Logger } from './log.ts'
import { eventsConsumed } from './metrics.ts'

/** Pause between the tries of an event that fails alone. */
const RETRY_PAUSE_MS = 50

/** One event of a batch, checked against its contract. */
export interface Delivery<Event extends EventContract = EventContract> {
  event: CloudEvent
  data: EventData<Event>
}

/**
 * Applies a batch of events of one topic, all or none. The same event may come again, alone, in
 * another batch or within one; see `applyBatchOnce`. Errors mean the same as for an `EventHandler`;
 * if the batch itself is to blame, each of its events is tried alone.
 *
 * @returns the outcome of each, in the order of the deliveries
 */
export type BatchHandler<Event extends EventContract> = (
  deliveries: Delivery<Event>[],
  context: { log: Logger },
) => Promise<Handled[]>

/** Like a `Subscription`, for an event that is declared `inBatches`. */
export interface BatchSubscription {
  event: EventContract
  handleBatch: BatchHandler<EventContract>
}

/** See https://docs.dapr.io/developing-applications/building-blocks/pubsub/pubsub-bulk */
interface BulkRequest {
  entries?: { entryId: string; event: unknown }[]
}
type Outcome = Handled | 'dropped' | 'retried'

/**
 * Handles one bulk delivery and answers a status for each entry. Dapr delivers the batches of a
 * sidecar one at a time and repeats a batch before it goes on, so only an outage, which concerns
 * all, is answered with RETRY. An event that fails by itself is tried a few times and then sent to
 * the dead letters, and delays nobody.
 */
export async function deliverBatch(
  subscription: BatchSubscription,
  receiver: { log: Logger; deadLetters: Pick<DeadLetters, 'add'> },
  request: Request,
  response: Response,
): Promise<void> {
  const { topic } = subscription.event
  const log = receiver.log.child({ topic })
  request.routeTemplate = eventRoute(topic)
  const entries = (request.body as BulkRequest).entries ?? []
  const outcomes = await new Batch(subscription, { ...receiver, log }).handle(entries.map(({ event }) => event))
  for (const [outcome, group] of Map.groupBy(outcomes, (one) => one))
    eventsConsumed.inc({ topic, outcome }, group.length)
  const statuses = entries.map(({ entryId }, index) => ({
    entryId,
    status: outcomes[index] === 'retried' ? 'RETRY' : 'SUCCESS',
  }))
  response.json({ statuses })
}

/** Handles the events of one delivery. */
class Batch {
  readonly #subscription: BatchSubscription
  readonly #log: Logger
  readonly #deadLetters: Pick<DeadLetters, 'add'>

  constructor(subscription: BatchSubscription, options: { log: Logger; deadLetters: Pick<DeadLetters, 'add'> }) {
    this.#subscription = subscription
    this.#log = options.log
    this.#deadLetters = options.deadLetters
  }

  /** @returns the outcome of each event, in their order */
  async handle(events: unknown[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = Array.from({ length: events.length })
    const readable: { index: number; delivery: Delivery }[] = []
    for (const [index, event] of events.entries()) {
      try {
        readable.push({ index, delivery: parseEvent(this.#subscription.event, event) })
      } catch (error) {
        outcomes[index] = await this.#bury(event, error)
      }
    }
    const handled = await this.#handleReadable(readable.map(({ delivery }) => delivery))
    for (const [at, { index }] of readable.entries()) outcomes[index] = handled[at] ?? 'retried'
    return outcomes
  }

  async #handleReadable(deliveries: Delivery[]): Promise<Outcome[]> {
    if (deliveries.length === 0) return []
    try {
      return await this.#subscription.handleBatch(deliveries, { log: this.#log })
    } catch (error) {
      const isTogether = isOutage(error)
      this.#log.warn(
        { err: error, events: deliveries.length },
        isTogether ? 'a batch will come again' : 'a batch failed; its events are tried one by one',
      )
      if (isTogether) return deliveries.map(() => 'retried')
    }
    const outcomes: Outcome[] = []
    for (const delivery of deliveries) outcomes.push(await this.#handleAlone(delivery))
    return outcomes
  }

  async #handleAlone(delivery: Delivery): Promise<Outcome> {
    for (let failures = 1; ; failures++) {
      try {
        return (await this.#subscription.handleBatch([delivery], { log: this.#log }))[0] ?? 'retried'
      } catch (error) {
        if (isOutage(error)) return 'retried'
        if (failures === MAX_FAILURES) return await this.#bury(delivery.event, error)
        await delay(RETRY_PAUSE_MS)
      }
    }
  }

  async #bury(event: unknown, error: unknown): Promise<'dropped' | 'retried'> {
    const log = this.#log.child({ eventId: (event as { id?: unknown } | undefined)?.id })
    try {
      await this.#deadLetters.add(event, describeFailure(error))
      log.error({ err: error }, 'an event cannot be handled; sent to the dead letters')
      return 'dropped'
    } catch (cause) {
      log.warn({ err: cause }, 'an event could be neither handled nor sent to the dead letters')
      return 'retried'
    }
  }
}
