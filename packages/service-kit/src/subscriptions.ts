import type { CloudEvent, EventContract, EventData } from '@fanone/contracts'
import express, { type Request, type Response, Router } from 'express'
import { LRUCache } from 'lru-cache'
import { type BatchSubscription, deliverBatch } from './batches.ts'
import { DEAD_LETTER_ROUTE, type DeadLetters } from './dead-letters.ts'
import {
  describeFailure,
  eventRoute,
  type Handled,
  isOutage,
  MAX_FAILURES,
  PoisonEvent,
  parseEvent,
} from './deliveries.ts'
import type { Logger } from './log.ts'
import { eventsConsumed } from './metrics.ts'

/** Events whose failures are remembered. */
const MAX_REMEMBERED = 10_000

/**
 * Applies one event. Runs at least once for each event, possibly twice at the same time, so write
 * the effect together with the inbox.
 *
 * Throwing means: deliver again. `unavailable` and `timeout` blame something else, so the event
 * comes again until that is back; any other error blames the event, which goes to the dead letters
 * after a few tries.
 */
export type EventHandler<Event extends EventContract> = (delivery: {
  event: CloudEvent
  data: EventData<Event>
  log: Logger
}) => Promise<Handled>

/** An event that a service takes, and what it does with it. */
export interface Subscription {
  event: EventContract
  handler: EventHandler<EventContract>
}

/**
 * How often each event failed, and the last reason. In memory: a restart gives an event new tries.
 */
class Failures {
  readonly #byEvent = new LRUCache<string, { count: number; reason: string }>({ max: MAX_REMEMBERED })

  /**
   * @param by 0 for an outage, which sets the reason and does not count
   * @returns how often this event has failed
   */
  add(event: unknown, error: unknown, by: 0 | 1): number {
    const key = keyOf(event)
    const count = (this.#byEvent.get(key)?.count ?? 0) + by
    this.#byEvent.set(key, { count, reason: describeFailure(error) })
    return count
  }

  forget(event: unknown): void {
    this.#byEvent.delete(keyOf(event))
  }

  reasonOf(event: unknown): string | undefined {
    return this.#byEvent.get(keyOf(event))?.reason
  }
}

function keyOf(event: unknown): string {
  const { source, id } = (event ?? {}) as { source?: unknown; id?: unknown }
  return `${source} ${id}`
}

/** What the routes need. */
interface Receiver {
  log: Logger
  deadLetters: Pick<DeadLetters, 'add' | 'receive'>
  failures: Failures
}

/**
 * The routes to which the sidecar delivers events. They answer 200 SUCCESS, also for an event sent
 * to the dead letters, or 500 to have it delivered again. Never 404, which Dapr takes as drop: an
 * unknown route under /events/ is 500.
 */
export function subscriptionRoutes(
  subscriptions: (Subscription | BatchSubscription)[],
  options: { log: Logger; deadLetters: Pick<DeadLetters, 'add' | 'receive'> },
): Router {
  const receiver: Receiver = { ...options, failures: new Failures() }
  const router = Router()
  router.use('/events', express.json({ type: ['application/json', 'application/*+json'], limit: '4mb' }))
  for (const subscription of subscriptions) {
    router.post(eventRoute(subscription.event.topic), (request, response) =>
      'handleBatch' in subscription
        ? deliverBatch(subscription, receiver, request, response)
        : deliver(subscription, receiver, request, response),
    )
  }
  router.post(DEAD_LETTER_ROUTE, (request, response) =>
    receiver.deadLetters.receive(request, response, (event) => receiver.failures.reasonOf(event)),
  )
  router.use('/events', (request, response) => {
    receiver.log.error({ path: request.path }, 'an event arrived without a handler')
    response.status(500).json({ status: 'RETRY' })
  })
  return router
}

async function deliver(
  { event: contract, handler }: Subscription,
  receiver: Receiver,
  request: Request,
  response: Response,
): Promise<void> {
  const { topic } = contract
  const log = receiver.log.child({ topic, eventId: request.body?.id })
  request.routeTemplate = eventRoute(topic)
  let outcome: string
  try {
    const { event, data } = parseEvent(contract, request.body)
    outcome = await handler({ event, data, log })
    receiver.failures.forget(event)
  } catch (error) {
    outcome = await giveUpOrRetry(error, request.body, { ...receiver, log })
  }
  eventsConsumed.inc({ topic, outcome })
  if (outcome === 'retried') response.status(500).json({ status: 'RETRY' })
  else response.json({ status: 'SUCCESS' })
}

/**
 * Sends an event to the dead letters if another try cannot help.
 *
 * @returns the outcome for the metrics
 */
async function giveUpOrRetry(error: unknown, event: unknown, receiver: Receiver): Promise<'dropped' | 'retried'> {
  const { log, deadLetters, failures } = receiver
  const isPoison = error instanceof PoisonEvent
  if (!isPoison && failures.add(event, error, isOutage(error) ? 0 : 1) < MAX_FAILURES) {
    log.warn({ err: error }, 'an event could not be handled; it will come again')
    return 'retried'
  }
  try {
    await deadLetters.add(event, describeFailure(error))
    failures.forget(event)
    log.error({ err: error }, 'an event cannot be handled; sent to the dead letters')
    return 'dropped'
  } catch (cause) {
    log.warn({ err: cause }, 'an event could be neither handled nor sent to the dead letters')
    return 'retried'
  }
}
