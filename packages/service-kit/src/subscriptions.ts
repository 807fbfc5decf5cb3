import { CloudEvent, type EventContract, type EventData } from '@fanone/contracts'
import express, { type Request, type Response, Router } from 'express'
import type { Logger } from './log.ts'
import { eventsConsumed } from './metrics.ts'

/** Where the sidecar delivers what could not be handled; see a service's dapr/subscriptions.yaml. */
export const DEAD_LETTER_ROUTE = '/events/dead-letters'

/** The route the sidecar delivers an event's topic to. */
export const eventRoute = (topic: string) => `/events/${topic}`

/** How a handler ended: `duplicate` when the inbox had the event already. */
export type Handled = 'handled' | 'duplicate'

/**
 * Applies one event. Runs at least once for each event, possibly twice at the same time, so the effect goes together with the inbox.
 * Throwing means: deliver again later.
 */
export type EventHandler<Event extends EventContract> = (delivery: {
  event: CloudEvent
  data: EventData<Event>
  log: Logger
}) => Promise<Handled>

/** One line of a service's list of subscriptions. */
export interface Subscription {
  event: EventContract
  handler: EventHandler<EventContract>
}

export function on<Event extends EventContract>(event: Event, handler: EventHandler<Event>): Subscription {
  return { event, handler: handler as EventHandler<EventContract> }
}

/** A delivery that will never succeed; it goes to the dead letters at once. */
export class PoisonEvent extends Error {
  override name = 'PoisonEvent'
}

/**
 * The routes the sidecar delivers events to. Answers: 200 SUCCESS, 200 DROP for poison (Dapr moves it to the dead letters), 500 to be
 * delivered again. Never 404, which Dapr takes as drop: an unknown route under /events/ is 500.
 */
export function subscriptionRoutes(subscriptions: Subscription[], log: Logger): Router {
  const router = Router()
  router.use('/events', express.json({ type: ['application/json', 'application/*+json'], limit: '4mb' }))
  for (const { event, handler } of subscriptions) {
    router.post(eventRoute(event.topic), (request, response) => deliver({ event, handler, log, request, response }))
  }
  router.post(DEAD_LETTER_ROUTE, (request, response) => countDeadLetter(request, response, log))
  router.use('/events', (request, response) => {
    log.error({ path: request.path }, 'an event arrived that no handler takes')
    response.status(500).json({ status: 'RETRY' })
  })
  return router
}

async function deliver(options: {
  event: EventContract
  handler: EventHandler<EventContract>
  log: Logger
  request: Request
  response: Response
}): Promise<void> {
  const { event: contract, handler, request, response } = options
  const topic = contract.topic
  const log = options.log.child({ topic, eventId: request.body?.id })
  request.routeTemplate = eventRoute(topic)
  try {
    const { event, data } = parseEvent(contract, request.body)
    const outcome = await handler({ event, data, log })
    eventsConsumed.inc({ topic, outcome })
    response.json({ status: 'SUCCESS' })
  } catch (error) {
    if (error instanceof PoisonEvent) {
      eventsConsumed.inc({ topic, outcome: 'dropped' })
      log.error({ err: error }, 'an event cannot be handled; it goes to the dead letters')
      response.json({ status: 'DROP' })
      return
    }
    eventsConsumed.inc({ topic, outcome: 'retried' })
    log.warn({ err: error }, 'an event could not be handled; it will come again')
    response.status(500).json({ status: 'RETRY' })
  }
}

/** @throws PoisonEvent where envelope, version or data are not what the contract says */
export function parseEvent<Event extends EventContract>(
  contract: Event,
  body: unknown,
): { event: CloudEvent; data: EventData<Event> } {
  const envelope = CloudEvent.safeParse(body)
  if (!envelope.success) throw new PoisonEvent(`not a CloudEvent: ${envelope.error.message}`)
  if (envelope.data.type !== contract.type)
    throw new PoisonEvent(`expected ${contract.type}, got ${envelope.data.type}`)
  const data = contract.data.safeParse(envelope.data.data)
  if (!data.success) throw new PoisonEvent(`the data does not fit ${contract.type}: ${data.error.message}`)
  return { event: envelope.data, data: data.data as EventData<Event> }
}

function countDeadLetter(request: Request, response: Response, log: Logger): void {
  request.routeTemplate = DEAD_LETTER_ROUTE
  const type = typeof request.body?.type === 'string' ? request.body.type : ''
  const topic = /^([a-z-]+\.[a-z-]+)\.v\d+$/.exec(type)?.[1] ?? 'unknown'
  eventsConsumed.inc({ topic, outcome: 'dead_lettered' })
  log.error({ topic, eventId: request.body?.id }, 'a dead letter arrived; it stays in the dead-letter topic')
  response.json({ status: 'SUCCESS' })
}
