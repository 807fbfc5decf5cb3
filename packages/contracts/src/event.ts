import { z } from 'zod'

/** An event as a contract: its topic, the version of its schema, what it carries, and its order. */
export interface EventContract<Data extends z.ZodType = z.ZodType, Topic extends string = string> {
  /** Past-tense fact and Kafka topic, for example `video.published`. */
  readonly topic: Topic
  readonly version: number
  /** CloudEvent type: topic and version, for example `video.published.v1`. */
  readonly type: string
  readonly data: Data
  /**
   * The key within which events keep the order of their commits: CloudEvent subject and Kafka
   * partition key, at most 100 ASCII characters. Null where any order will do.
   */
  orderedBy(data: z.infer<Data>): string | null
  /** What such facts are counted by in the metrics, of a few values; empty for one count. */
  kindOf(data: z.infer<Data>): string
}

export type EventData<Event extends EventContract> = z.infer<Event['data']>

/**
 * Declares an event. The topic is the event's name; the version goes into the CloudEvent type.
 *
 * @param orderedBy the key of what needs order, and no more than that: the events of one key travel
 *   one behind the other, a request each
 * @param kindOf what people who look at numbers tell apart; a few values, never an id
 */
export function defineEvent<Topic extends string, Data extends z.ZodType>(
  topic: Topic,
  version: number,
  data: Data,
  {
    orderedBy,
    kindOf = () => '',
  }: {
    orderedBy: ((data: z.infer<Data>) => number | string) | 'nothing'
    kindOf?: (data: z.infer<Data>) => string
  },
): EventContract<Data, Topic> {
  return {
    topic,
    version,
    type: `${topic}.v${version}`,
    data,
    orderedBy: (event) => (orderedBy === 'nothing' ? null : String(orderedBy(event))),
    kindOf,
  }
}

/**
 * The fields of a CloudEvents 1.0 envelope that consumers use
 * (https://github.com/cloudevents/spec). `id` is the sender's outbox row and the key of the
 * receiver's inbox; `data` is validated later by the event's own schema.
 */
export const CloudEvent = z.looseObject({
  id: z.string().min(1).max(100),
  source: z.string().min(1),
  type: z.string().min(1),
  specversion: z.literal('1.0'),
  time: z.string().optional(),
  traceparent: z.string().optional(),
  data: z.unknown(),
})
export type CloudEvent = z.infer<typeof CloudEvent>
